// The run protocol of receivers: what is said of a run by whoever was called with `async`, with the token of the call.

import Type from 'typebox'
import { DurationText, Instant, Nullable } from './scalars.ts'

const message = Type.String({ maxLength: 500, description: 'In a sentence.' })
const longMessage = Type.String({ maxLength: 4_096, description: 'How it went, in a sentence.' })

export const RunBeat = Type.Object(
  {
    progress: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'The share that is done.' })),
    message: Type.Optional(message),
    extend: Type.Optional(
      Type.String({
        ...DurationText,
        description: 'From now on it may take so much longer, whatever the timeout says. Up to 24 h.',
      }),
    ),
  },
  {
    title: 'RunBeat',
    additionalProperties: false,
    examples: [{ progress: 0.4, message: '400 of 1000 rows', extend: '10m' }],
  },
)
export type RunBeat = Type.Static<typeof RunBeat>

export const RunHeard = Type.Object(
  {
    cancel: Type.Boolean({ description: 'Somebody has asked for its end: stop, and fail as `cancelled`.' }),
    endsAt: Nullable(Type.String({ ...Instant, description: 'When its time is up; null: never.' })),
  },
  { title: 'RunHeard' },
)
export type RunHeard = Type.Static<typeof RunHeard>

export const RunCompletion = Type.Object(
  { output: Type.Optional(Type.String({ maxLength: 65_536, description: 'What came of it, as text.' })) },
  { title: 'RunCompletion', additionalProperties: false, examples: [{ output: '1000 rows' }] },
)
export type RunCompletion = Type.Static<typeof RunCompletion>

export const RunFailure = Type.Object(
  {
    message: longMessage,
    code: Type.Optional(Type.String({ maxLength: 64, description: 'A stable word. Default `failed`.' })),
    retryable: Type.Optional(Type.Boolean({ description: 'false: trying again cannot help.' })),
    cancelled: Type.Optional(Type.Boolean({ description: 'It was stopped because its end was asked for.' })),
  },
  {
    title: 'RunFailure',
    additionalProperties: false,
    examples: [{ message: 'the export table is locked', retryable: true }],
  },
)
export type RunFailure = Type.Static<typeof RunFailure>

export const RunEnded = Type.Object(
  {
    counted: Type.Boolean({
      description: 'false: the attempt was over. It is kept as evidence and changes nothing.',
    }),
  },
  { title: 'RunEnded' },
)
export type RunEnded = Type.Static<typeof RunEnded>
