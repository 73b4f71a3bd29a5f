// The ledger of a job by day.

import Type from 'typebox'
import { Gap } from './ledger.ts'
import { StatusCounts } from './overview.ts'
import { Instant, Nullable } from './scalars.ts'

export const CALENDAR_DAYS_DEFAULT = 35
export const CALENDAR_DAYS_MAX = 366

export const Calendar = Type.Object(
  {
    timezone: Type.String({ description: 'Whose days these are.' }),
    days: Type.Array(
      Type.Object({
        date: Type.String({ description: 'A day of that zone.', examples: ['2027-01-31'] }),
        counts: StatusCounts,
      }),
      { description: 'Only days with runs, ascending.' },
    ),
    gaps: Type.Array(Gap),
    countedFrom: Nullable(
      Type.String({
        ...Instant,
        description: 'What lies before was not counted: too many runs. null: all was.',
      }),
    ),
  },
  { title: 'Calendar', description: 'How the runs of each day ended.' },
)
export type Calendar = Type.Static<typeof Calendar>
