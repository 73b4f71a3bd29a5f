// What a server runs with, as it travels: each option, its value, and who said so. Never a secret.

import Type from 'typebox'
import { Nullable } from './scalars.ts'

export const Setting = Type.Object(
  {
    option: Type.String({ description: 'Its name; the flag is `--` and this.' }),
    key: Type.String({ description: 'In the configuration file.' }),
    variable: Type.String({ description: 'In the environment.' }),
    value: Nullable(Type.String({ description: 'null: not set. Of a secret: bullets.' })),
    origin: Type.String({ description: 'Who said so; `default`: nobody.' }),
    description: Type.String(),
  },
  { title: 'Setting' },
)
export type Setting = Type.Static<typeof Setting>

export const Settings = Type.Object(
  {
    file: Nullable(Type.String({ description: 'The configuration file that was read.' })),
    settings: Type.Array(Setting),
    warnings: Type.Array(Type.Object({ origin: Type.String(), detail: Type.String() })),
  },
  {
    title: 'Settings',
    description: 'What the server that answers runs with. Each server of a cluster has its own.',
    examples: [
      {
        file: '/etc/carillon/carillon.yaml',
        settings: [
          {
            option: 'listen',
            key: 'listen',
            variable: 'CARILLON_LISTEN',
            value: '127.0.0.1:8080',
            origin: 'CARILLON_LISTEN',
            description: 'Where requests are taken. Port 0: any free one.',
          },
        ],
        warnings: [],
      },
    ],
  },
)
export type Settings = Type.Static<typeof Settings>
