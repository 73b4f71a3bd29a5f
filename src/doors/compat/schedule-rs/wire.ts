// What clients of schedule-rs send. Absent and null mean the same there.

import Type from 'typebox'

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))
const Headers = Type.Record(Type.String(), Type.String())

const Request = Type.Object({
  url: Type.String({ description: 'The address to call.' }),
  method: Nullable(Type.String()),
  headers: Nullable(Headers),
  body: Nullable(Type.String()),
  /** Seconds between tries. */
  retry: Nullable(Type.Array(Type.Integer({ minimum: 0, maximum: 604_800 }), { maxItems: 100 })),
})

const Callback = Type.Object({ url: Type.String(), headers: Nullable(Headers) })

const scheduleFields = {
  request: Request,
  schedule: Nullable(Type.String({ description: 'A cron expression.' })),
  schedule_at: Nullable(Type.String({ description: 'A moment, in ISO 8601.' })),
  callback: Nullable(Callback),
  tags: Nullable(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 40 })),
}

export const NewSchedule = Type.Object({ id: Nullable(Type.String()), ...scheduleFields })
export type NewSchedule = Type.Static<typeof NewSchedule>

export const ChangedSchedule = Type.Object(scheduleFields)
export type ChangedSchedule = Type.Static<typeof ChangedSchedule>

export const CallbackChange = Type.Object({ callback: Type.Union([Callback, Type.Null()]) })
export type CallbackChange = Type.Static<typeof CallbackChange>
