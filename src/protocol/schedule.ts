// When a job is due, as it travels.

import Type from 'typebox'
import { DurationText, Instant, InstantInput } from './scalars.ts'

export const Dst = Type.Object(
  {
    gap: Type.Optional(
      Type.Enum(['after', 'skip', 'shift'], {
        description:
          'A wall time that the clocks jump over: ring at the first instant after the gap (default), not at all, or shifted by the length of the gap.',
      }),
    ),
    overlap: Type.Optional(
      Type.Enum(['first', 'last', 'both'], {
        description: 'A wall time that comes twice: ring the first time (default), the last, or both.',
      }),
    ),
  },
  {
    title: 'Dst',
    additionalProperties: false,
    description: 'What a fixed-time job does when the clocks change. Interval-like jobs follow real time.',
  },
)

export const Schedule = Type.Object(
  {
    cron: Type.Optional(
      Type.String({
        description:
          '5 fields (minute first), 6 (second first) or 7 (plus year), with names, ranges, steps, lists, `?`, `L`, `LW`, `nW`, `n#k`, `H`, and macros such as `@daily`.',
        examples: ['30 2 * * MON-FRI'],
      }),
    ),
    days: Type.Optional(
      Type.Enum(['either', 'both'], {
        description:
          'When day of month and day of week are both restricted: ring on days that fit either (default, as cron does) or only on those that fit both.',
      }),
    ),
    every: Type.Optional(
      Type.String({
        ...DurationText,
        description: 'A period, counted from `anchor` and never from when a process started.',
      }),
    ),
    at: Type.Optional(
      Type.String({
        ...InstantInput,
        description: 'Once, at this moment: RFC 3339, or a local time of `timezone` without an offset.',
      }),
    ),
    timezone: Type.Optional(
      Type.String({ description: 'IANA time zone. Default UTC.', examples: ['Europe/Berlin'] }),
    ),
    dst: Type.Optional(Dst),
    anchor: Type.Optional(
      Type.String({
        ...InstantInput,
        description: 'The phase of `every`. Default: when the job was created.',
      }),
    ),
    from: Type.Optional(
      Type.String({ ...InstantInput, description: 'Nothing is due before this. Inclusive.' }),
    ),
    until: Type.Optional(
      Type.String({ ...InstantInput, description: 'Nothing is due from here on. Exclusive.' }),
    ),
    maxRuns: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'After this many scheduled runs the job is finished.',
      }),
    ),
  },
  {
    title: 'Schedule',
    additionalProperties: false,
    description:
      'When. At most one of `cron`, `every` and `at`; with none of them the job rings only when triggered.',
    examples: [{ cron: '30 2 * * MON-FRI', timezone: 'Europe/Berlin' }, { every: '30s' }],
  },
)
export type Schedule = Type.Static<typeof Schedule>

export const Warning = Type.Object(
  {
    code: Type.String({ description: 'A stable word for programs.', examples: ['day_or'] }),
    detail: Type.String({ description: 'What may surprise, in a sentence.' }),
    at: Type.Optional(Type.String({ description: 'The instant or local time it is about.' })),
  },
  { title: 'Warning', description: 'Accepted, but perhaps not what was meant.' },
)
export type Warning = Type.Static<typeof Warning>

export const PREVIEW_COUNT_DEFAULT = 10
export const PREVIEW_COUNT_MAX = 100

export const SchedulePreviewRequest = Type.Object(
  {
    schedule: Schedule,
    from: Type.Optional(
      Type.String({ ...InstantInput, description: 'Instants from here on. Default: now.' }),
    ),
    count: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: PREVIEW_COUNT_MAX,
        description: `How many instants. Default ${PREVIEW_COUNT_DEFAULT}.`,
      }),
    ),
  },
  {
    title: 'SchedulePreviewRequest',
    additionalProperties: false,
    examples: [
      {
        schedule: { cron: '30 2 * * MON-FRI', timezone: 'Europe/Berlin' },
        from: '2027-03-26T00:00:00Z',
        count: 3,
      },
    ],
  },
)
export type SchedulePreviewRequest = Type.Static<typeof SchedulePreviewRequest>

export const SchedulePreview = Type.Object(
  {
    description: Type.String({ description: 'The schedule in words.' }),
    timezone: Type.String(),
    instants: Type.Array(
      Type.Object({
        utc: Instant,
        local: Type.String({
          description: 'The same moment on the wall clock of the zone, with its offset.',
          examples: ['2027-03-26T02:30:00.000+01:00'],
        }),
      }),
      { description: 'The next due instants, ascending. Shorter than asked for when the schedule ends.' },
    ),
    warnings: Type.Array(Warning),
  },
  {
    title: 'SchedulePreview',
    examples: [
      {
        description: 'At 02:30, Monday through Friday (Europe/Berlin)',
        timezone: 'Europe/Berlin',
        instants: [{ utc: '2027-03-26T01:30:00.000Z', local: '2027-03-26T02:30:00.000+01:00' }],
        warnings: [],
      },
    ],
  },
)
export type SchedulePreview = Type.Static<typeof SchedulePreview>
