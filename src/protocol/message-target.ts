// Messages to a bus, as they travel. Bounds of bytes and names are checked with the job's meaning.

import Type from 'typebox'
import { DurationText } from './scalars.ts'

export const MessageTarget = Type.Object(
  {
    exchange: Type.Optional(
      Type.String({ description: 'The exchange it is published to. Either this or `queue`.' }),
    ),
    queue: Type.Optional(Type.String({ description: 'The queue it goes straight to.' })),
    routingKey: Type.Optional(
      Type.String({
        description: 'With an exchange. Facts of the run are filled in, as in the body. Default: empty.',
      }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Headers of the message, besides those that say which run it is.',
        examples: [{ team: 'billing' }],
      }),
    ),
    body: Type.Optional(
      Type.Unknown({
        description:
          'Text goes out as it stands; any other JSON value goes out as JSON. Facts of the run are filled in: `{{run.id}}`, `{{run.dueAt}}`, `{{run.attemptCount}}`. Default: the facts of the run.',
      }),
    ),
    finish: Type.Optional(
      Type.Enum(['confirm', 'status'], {
        description:
          'When the run is done: when the bus has the message (default), or when its worker says so.',
      }),
    ),
    startTimeout: Type.Optional(
      Type.String({
        ...DurationText,
        description:
          'With `finish: status`: no worker has begun so long after the attempt did, and it has timed out.',
      }),
    ),
    protocol: Type.Optional(
      Type.Literal('simple-scheduler', {
        description: 'Exchanges, queues and bodies as workers of Simple Scheduler know them.',
      }),
    ),
  },
  {
    title: 'MessageTarget',
    additionalProperties: false,
    description:
      'A message on the bus: persistent, and confirmed by the broker. One that no queue takes fails the run.',
    examples: [{ exchange: 'billing', routingKey: 'day.close', body: { run: '{{run.id}}' } }],
  },
)
export type MessageTarget = Type.Static<typeof MessageTarget>
