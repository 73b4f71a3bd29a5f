// How the server is, and which one it is.

import Type from 'typebox'

export const Version = Type.Object(
  {
    name: Type.String(),
    version: Type.String(),
    node: Type.String({ description: 'Version of Node.js.' }),
    tzdata: Type.String({ description: 'Version of the time zone database.' }),
  },
  { title: 'Version', examples: [{ name: 'carillon', version: '0.1.0', node: 'v24.21.0', tzdata: '2026a' }] },
)
export type Version = Type.Static<typeof Version>

export const Alive = Type.Object(
  { status: Type.Literal('ok') },
  { title: 'Alive', examples: [{ status: 'ok' }] },
)
export type Alive = Type.Static<typeof Alive>

export const Readiness = Type.Object(
  {
    status: Type.Enum(['ok', 'unavailable']),
    checks: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() }), {
        description: 'With `?verbose` and a key.',
      }),
    ),
  },
  { title: 'Readiness', examples: [{ status: 'ok' }] },
)
export type Readiness = Type.Static<typeof Readiness>
