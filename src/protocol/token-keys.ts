// What receivers of our calls need to check the tokens that these show.

import Type from 'typebox'

export const TokenKeys = Type.Object(
  { keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) },
  {
    title: 'TokenKeys',
    description: 'A JSON Web Key Set (RFC 7517).',
    examples: [{ keys: [{ kty: 'EC', crv: 'P-256', x: '…', y: '…', kid: '…', alg: 'ES256', use: 'sig' }] }],
  },
)
export type TokenKeys = Type.Static<typeof TokenKeys>

export const TokenIssuer = Type.Object(
  {
    issuer: Type.String(),
    jwks_uri: Type.String(),
    response_types_supported: Type.Array(Type.String()),
    subject_types_supported: Type.Array(Type.String()),
    id_token_signing_alg_values_supported: Type.Array(Type.String()),
  },
  {
    title: 'TokenIssuer',
    description: 'As OpenID Connect describes an issuer.',
    examples: [
      {
        issuer: 'https://carillon.example.com',
        jwks_uri: 'https://carillon.example.com/.well-known/jwks.json',
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      },
    ],
  },
)
export type TokenIssuer = Type.Static<typeof TokenIssuer>
