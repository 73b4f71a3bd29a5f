// Where receivers of our calls find what to check the tokens with that these show.

import type { Context } from '../../../commands/context.ts'
import { AppError } from '../../../domain/errors.ts'
import * as protocol from '../../../protocol/token-keys.ts'
import { endpoint } from '../../http/endpoint.ts'

const SHARED = { tag: 'Tokens', method: 'GET', action: 'token_keys.read', problems: ['not_found'] } as const
/** Far shorter than a key is published before it signs. */
const HEADERS = { 'Cache-Control': 'public, max-age=300' } as const
const KEYS = '/.well-known/jwks.json'

export const tokenKeysEndpoint = endpoint({
  ...SHARED,
  path: KEYS,
  operationId: 'tokenKeys',
  summary: 'Keys of the tokens that calls show',
  replies: { 200: { description: 'Public keys.', schema: protocol.TokenKeys } },
  handle: async ({ ctx }) => {
    const keys = (await mintOf(ctx).keys()).map((key) => ({ ...key }))
    return { status: 200, body: { keys } satisfies protocol.TokenKeys, headers: HEADERS }
  },
})

export const tokenIssuerEndpoint = endpoint({
  ...SHARED,
  path: '/.well-known/openid-configuration',
  operationId: 'tokenIssuer',
  summary: 'This server as an issuer of tokens',
  replies: { 200: { description: 'Its description.', schema: protocol.TokenIssuer } },
  handle: ({ ctx }) => {
    const { issuer, algorithm } = mintOf(ctx)
    const body: protocol.TokenIssuer = {
      issuer,
      jwks_uri: `${issuer}${KEYS}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [algorithm],
    }
    return { status: 200, body, headers: HEADERS }
  },
})

function mintOf({ mint }: Context): NonNullable<Context['mint']> {
  if (mint === undefined) throw new AppError('not_found', 'This server makes no tokens.')
  return mint
}
