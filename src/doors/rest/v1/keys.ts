// API keys. A secret is answered once, to whoever made it.

import { createKey, editKey, listKeys, revokeKey, rotateKey } from '../../../commands/keys.ts'
import type { ApiKey } from '../../../domain/api-key.ts'
import * as protocol from '../../../protocol/key.ts'
import { endpoint } from '../../http/endpoint.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { refuseNoInstant } from './instant-field.ts'
import { presentKey } from './present.ts'

const PARAMS = { key: 'Id of the key.' } as const

export const createKeyEndpoint = endpoint({
  method: 'POST',
  path: '/v1/keys',
  operationId: 'createKey',
  tag: 'Keys',
  summary: 'Create a key',
  description: 'The reply holds the secret; it cannot be read again.',
  action: 'key.create',
  body: { schema: protocol.KeyDraft },
  replies: { 201: { description: 'Created.', schema: protocol.KeyWithSecret } },
  handle: async ({ ctx, who, body }) => {
    refuseNoInstant(body.expiresAt ?? undefined, '/expiresAt')
    return { status: 201, body: withSecret(await createKey(ctx, who, body)) }
  },
})

export const listKeysEndpoint = endpoint({
  method: 'GET',
  path: '/v1/keys',
  operationId: 'listKeys',
  tag: 'Keys',
  summary: 'List keys',
  action: 'key.read',
  query: PAGE_PARAMETERS,
  replies: { 200: { description: 'A page of keys, without their secrets.', schema: protocol.KeyPage } },
  handle: async ({ ctx, who, url, query }) =>
    pageAnswer(url, await listKeys(ctx, who, pageRequest(query)), presentKey),
})

export const editKeyEndpoint = endpoint({
  method: 'PATCH',
  path: '/v1/keys/{key}',
  params: PARAMS,
  operationId: 'editKey',
  tag: 'Keys',
  summary: 'Change what a key is called, may do, and how long it works',
  description:
    'What is left out stays; scopes and roles together are all it may do then. It holds from the next request on every node; ' +
    'its secret and its projects stay. A key cannot take `admin` from itself.',
  action: 'key.edit',
  body: { schema: protocol.KeyEdit, mergePatch: true },
  replies: { 200: { description: 'The changed key.', schema: protocol.Key } },
  problems: ['not_found', 'in_use'],
  handle: async ({ ctx, who, params, body }) => {
    refuseNoInstant(body.expiresAt ?? undefined, '/expiresAt')
    return { status: 200, body: presentKey(await editKey(ctx, who, params.key ?? '', body)) }
  },
})

export const rotateKeyEndpoint = endpoint({
  method: 'POST',
  path: '/v1/keys/{key}/rotate',
  params: PARAMS,
  operationId: 'rotateKey',
  tag: 'Keys',
  summary: 'Give a key a new secret',
  description: 'The old secret works for `overlap` longer, so that its users can change over.',
  action: 'key.rotate',
  body: { schema: protocol.KeyRotation, optional: true },
  replies: { 200: { description: 'The key with its new secret.', schema: protocol.KeyWithSecret } },
  problems: ['not_found', 'in_use'],
  handle: async ({ ctx, who, params, body }) => ({
    status: 200,
    body: withSecret(await rotateKey(ctx, who, params.key ?? '', body)),
  }),
})

export const revokeKeyEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/keys/{key}',
  params: PARAMS,
  operationId: 'revokeKey',
  tag: 'Keys',
  summary: 'Revoke a key',
  description: 'It works no more, at once and for good. It stays in the list.',
  action: 'key.revoke',
  replies: { 200: { description: 'The revoked key.', schema: protocol.Key } },
  problems: ['not_found', 'in_use'],
  handle: async ({ ctx, who, params }) => ({
    status: 200,
    body: presentKey(await revokeKey(ctx, who, params.key ?? '')),
  }),
})

function withSecret({ key, secret }: { key: ApiKey; secret: string }): protocol.KeyWithSecret {
  return { ...presentKey(key), secret }
}
