// Callbacks: delivered, on their way, or dead letters to be sent again.

import { getCallback, listCallbacks, redeliverCallback } from '../../../commands/callbacks.ts'
import {
  CallbackDelivery,
  CallbackDetail,
  CallbackPage,
  DELIVERY_STATUSES,
} from '../../../protocol/callback.ts'
import { endpoint } from '../../http/endpoint.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { choice, text } from '../../http/query.ts'
import { presentDelivery, presentEffect } from './present.ts'

const PARAMS = { callback: 'Id of the callback.' } as const

export const listCallbacksEndpoint = endpoint({
  method: 'GET',
  path: '/v1/callbacks',
  operationId: 'listCallbacks',
  tag: 'Callbacks',
  summary: 'List callbacks',
  description: '`status=dead` lists the dead letters.',
  action: 'callback.read',
  query: {
    status: choice('Only callbacks with this status.', DELIVERY_STATUSES),
    job: text('Id of a job, or its name.'),
    run: text('Id of a run.'),
    project: text('Name or id of a project. Left out: all the key may enter.'),
    ...PAGE_PARAMETERS,
  },
  replies: { 200: { description: 'A page of callbacks.', schema: CallbackPage } },
  problems: ['not_found'],
  handle: async ({ ctx, who, url, query }) => {
    const { limit: _limit, cursor: _cursor, ...filter } = query
    return pageAnswer(url, await listCallbacks(ctx, who, filter, pageRequest(query)), presentEffect)
  },
})

export const getCallbackEndpoint = endpoint({
  method: 'GET',
  path: '/v1/callbacks/{callback}',
  params: PARAMS,
  operationId: 'getCallback',
  tag: 'Callbacks',
  summary: 'Read a callback with every try',
  action: 'callback.read',
  replies: { 200: { description: 'The callback.', schema: CallbackDetail } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params }) => {
    const { effect, deliveries } = await getCallback(ctx, who, params.callback ?? '')
    return { status: 200, body: { ...presentEffect(effect), deliveries: deliveries.map(presentDelivery) } }
  },
})

export const redeliverCallbackEndpoint = endpoint({
  method: 'POST',
  path: '/v1/callbacks/{callback}/redeliver',
  params: PARAMS,
  operationId: 'redeliverCallback',
  tag: 'Callbacks',
  summary: 'Deliver an ended callback again',
  action: 'callback.redeliver',
  replies: { 200: { description: 'The callback, on its way again.', schema: CallbackDelivery } },
  problems: ['not_found', 'in_use'],
  handle: async ({ ctx, who, params }) => ({
    status: 200,
    body: presentEffect(await redeliverCallback(ctx, who, params.callback ?? '')),
  }),
})
