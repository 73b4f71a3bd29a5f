// The run protocol of agents: a session, and in it lease, beat and report.

import { closeSession, openSession } from '../../../commands/agent-session.ts'
import { beat, leaseForSession, reportForSession } from '../../../commands/agent-work.ts'
import * as protocol from '../../../protocol/work.ts'
import { type Endpoint, endpoint } from '../../http/endpoint.ts'
import { heldOf, presentHeld, presentLeased, reportOf } from './present-work.ts'

const PARAMS = { session: 'Id of the session.' } as const
const ENDED = ['not_found', 'session_superseded', 'session_ended'] as const

/** `closing` aborts when the server stops: whoever waits for work is let go. */
export function workEndpoints(closing: AbortSignal): Endpoint[] {
  return [openSessionEndpoint, leaseEndpoint(closing), beatEndpoint, reportEndpoint, closeSessionEndpoint]
}

const openSessionEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/self/sessions',
  operationId: 'openSession',
  tag: 'Agents',
  summary: 'Open a session as an agent',
  description:
    'Ends the older session of the same agent. What is named in `held` and is its own still goes over.',
  access: 'agent',
  body: { schema: protocol.SessionRequest, batch: true },
  replies: { 201: { description: 'Opened.', schema: protocol.Session } },
  handle: async ({ ctx, who, body }) => {
    const opened = await openSession(ctx, who, { ...body, held: body.held.map(heldOf) })
    const { sessionId, agent, leaseMs, attached } = opened
    const { id, name, labels } = agent
    const reply = {
      session: sessionId,
      agent: { id, name, labels },
      leaseMs,
      attached: attached.map(presentHeld),
    }
    return { status: 201, body: reply }
  },
})

function leaseEndpoint(closing: AbortSignal): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/v1/agents/self/sessions/{session}/lease',
    params: PARAMS,
    operationId: 'leaseWork',
    tag: 'Agents',
    summary: 'Lease work, or wait for some',
    description:
      'Answers as soon as there is work for a free slot, or something to stop; else after `waitMs` with nothing.',
    access: 'agent',
    body: { schema: protocol.LeaseRequest },
    replies: { 200: { description: 'What there is.', schema: protocol.Leased } },
    problems: [...ENDED],
    handle: async ({ ctx, who, params, body, request }) => {
      const gone = new AbortController()
      const onClose = (): void => gone.abort()
      request.raw.socket.once('close', onClose)
      try {
        const { slots, waitMs = 0, stopping = [] } = body
        const wanted = { sessionId: params.session ?? '', slots, waitMs, stopping }
        const signal = AbortSignal.any([closing, gone.signal])
        return { status: 200, body: presentLeased(await leaseForSession(ctx, who, wanted, signal)) }
      } finally {
        request.raw.socket.off('close', onClose)
      }
    },
  })
}

const beatEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/self/sessions/{session}/beat',
  params: PARAMS,
  operationId: 'beat',
  tag: 'Agents',
  summary: 'Say what goes on',
  access: 'agent',
  body: { schema: protocol.BeatRequest, batch: true },
  replies: { 200: { description: 'What is to stop, and what is no longer its own.', schema: protocol.Beat } },
  problems: [...ENDED],
  handle: async ({ ctx, who, params, body }) => {
    const { stop, gone } = await beat(ctx, who, params.session ?? '', body.held.map(heldOf))
    return { status: 200, body: { stop: [...stop], gone: gone.map(presentHeld) } }
  },
})

const reportEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/self/sessions/{session}/report',
  params: PARAMS,
  operationId: 'reportWork',
  tag: 'Agents',
  summary: 'Report how attempts have ended',
  description: 'May be repeated: what has counted once does not count again.',
  access: 'agent',
  body: { schema: protocol.ReportRequest, batch: true },
  replies: { 200: { description: 'Which of them counted.', schema: protocol.ReportReply } },
  problems: [...ENDED],
  handle: async ({ ctx, who, params, body }) => {
    const counted = await reportForSession(ctx, who, params.session ?? '', body.reports.map(reportOf))
    return { status: 200, body: { counted: [...counted] } }
  },
})

const closeSessionEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/agents/self/sessions/{session}',
  params: PARAMS,
  operationId: 'closeSession',
  tag: 'Agents',
  summary: 'End a session',
  description: 'What it still holds is given up at once.',
  access: 'agent',
  replies: { 204: { description: 'Ended.' } },
  problems: [...ENDED],
  handle: async ({ ctx, who, params }) => {
    await closeSession(ctx, who, params.session ?? '')
    return { status: 204 }
  },
})
