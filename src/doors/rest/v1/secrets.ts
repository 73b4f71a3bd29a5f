// Secrets of a project. No endpoint answers with a value.

import { resealSecrets } from '../../../commands/secret/reseal-secrets.ts'
import { deleteSecret, getSecret, listSecrets, setSecret } from '../../../commands/secret/secrets.ts'
import type { Secret } from '../../../domain/secret.ts'
import * as protocol from '../../../protocol/secret.ts'
import { endpoint } from '../../http/endpoint.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { PROJECT_PARAMETER } from './job-ref.ts'
import { iso } from './present.ts'

const ONE = {
  tag: 'Secrets',
  path: '/v1/secrets/{secret}',
  params: { secret: 'Name of the secret.' },
  query: PROJECT_PARAMETER,
} as const

export const setSecretEndpoint = endpoint({
  ...ONE,
  method: 'PUT',
  operationId: 'setSecret',
  summary: 'Set a secret',
  description:
    'Runs that begin from now on get the new value. It can be replaced and deleted, and not be read.',
  action: 'secret.set',
  body: { schema: protocol.SecretValue },
  replies: {
    200: { description: 'It has a new value.', schema: protocol.Secret },
    201: { description: 'It is new.', schema: protocol.Secret },
  },
  problems: ['not_found', 'quota_exceeded'],
  handle: async ({ ctx, who, params, query, body }) => {
    const { secret, added } = await setSecret(ctx, who, refOf(params, query), body.value)
    return { status: added ? 201 : 200, body: presentSecret(secret) }
  },
})

export const listSecretsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/secrets',
  operationId: 'listSecrets',
  tag: 'Secrets',
  summary: 'List secrets',
  description: 'Of one project, by name, without their values.',
  action: 'secret.read',
  query: { ...PROJECT_PARAMETER, ...PAGE_PARAMETERS },
  replies: { 200: { description: 'A page of secrets.', schema: protocol.SecretPage } },
  problems: ['not_found'],
  handle: async ({ ctx, who, url, query }) =>
    pageAnswer(url, await listSecrets(ctx, who, query.project, pageRequest(query)), presentSecret),
})

export const getSecretEndpoint = endpoint({
  ...ONE,
  method: 'GET',
  operationId: 'getSecret',
  summary: 'Is there such a secret?',
  description: 'What is known of it, without its value.',
  action: 'secret.read',
  replies: { 200: { description: 'It is there.', schema: protocol.Secret } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => ({
    status: 200,
    body: presentSecret(await getSecret(ctx, who, refOf(params, query))),
  }),
})

export const deleteSecretEndpoint = endpoint({
  ...ONE,
  method: 'DELETE',
  operationId: 'deleteSecret',
  summary: 'Delete a secret that no job uses',
  action: 'secret.delete',
  replies: { 204: { description: 'Deleted.' } },
  problems: ['not_found', 'in_use'],
  handle: async ({ ctx, who, params, query }) => {
    await deleteSecret(ctx, who, refOf(params, query))
    return { status: 204 }
  },
})

export const resealSecretsEndpoint = endpoint({
  method: 'POST',
  path: '/v1/secrets/reseal',
  operationId: 'resealSecrets',
  tag: 'Secrets',
  summary: 'Seal all secrets with the newest key',
  description: 'While the work goes on. Afterwards older keys are needed for backups only.',
  action: 'secret.reseal',
  body: { schema: protocol.ResealRequest, optional: true },
  replies: { 200: { description: 'All are sealed with it.', schema: protocol.Resealed } },
  problems: ['in_use'],
  handle: async ({ ctx, who, body }) => ({
    status: 200,
    body: await resealSecrets(ctx, who, { renew: body.renew === true }),
  }),
})

function refOf(
  { secret: name = '' }: Readonly<Record<string, string>>,
  { project }: { readonly project?: string },
): { name: string; project?: string } {
  return project === undefined ? { name } : { name, project }
}

function presentSecret({ id: _, createdAt, updatedAt, ...secret }: Secret): protocol.Secret {
  return { ...secret, createdAt: iso(createdAt), updatedAt: iso(updatedAt) }
}
