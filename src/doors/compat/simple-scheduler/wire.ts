// What clients of Simple Scheduler send. Its durations are milliseconds; 0 means none.

import Type from 'typebox'

const Ms = Type.Integer({ minimum: 0, maximum: 31_622_400_000 })

const fields = {
  enabled: Type.Optional(Type.Boolean()),
  nextRunAt: Type.Optional(Type.String({ maxLength: 64 })),
  interval: Type.Optional(Ms),
  runExecutionTimeout: Type.Optional(Ms),
  runStartTimeout: Type.Optional(Ms),
  maxQueueCount: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
  allowConcurrentRuns: Type.Optional(Type.Boolean()),
  heartbeatTimeout: Type.Optional(Ms),
}

export const NewJob = Type.Object({
  ...fields,
  name: Type.String(),
  nextRunAt: Type.String({ maxLength: 64 }),
})
export type NewJob = Type.Static<typeof NewJob>

export const ChangedJob = Type.Object(fields)
export type ChangedJob = Type.Static<typeof ChangedJob>
