// The ledger of one job by day.

import { readCalendar } from '../../../commands/read-calendar.ts'
import { CALENDAR_DAYS_DEFAULT, CALENDAR_DAYS_MAX, Calendar } from '../../../protocol/calendar.ts'
import { endpoint } from '../../http/endpoint.ts'
import { integer, text } from '../../http/query.ts'
import { JOB_PARAMS, jobRef, PROJECT_PARAMETER } from './job-ref.ts'
import { isoOrNull, presentGap } from './present.ts'

export const readCalendarEndpoint = endpoint({
  method: 'GET',
  path: '/v1/jobs/{job}/calendar',
  params: JOB_PARAMS,
  operationId: 'readCalendar',
  tag: 'Ledger',
  summary: 'Read the ledger of a job by day',
  action: 'ledger.read',
  query: {
    ...PROJECT_PARAMETER,
    days: integer('How far back.', 1, CALENDAR_DAYS_MAX, CALENDAR_DAYS_DEFAULT),
    timezone: text('Whose days: an IANA time zone. Default: that of the job.'),
  },
  replies: { 200: { description: 'The days.', schema: Calendar } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => {
    const { days = CALENDAR_DAYS_DEFAULT, timezone } = query
    const request = timezone === undefined ? { days } : { days, timezone }
    const calendar = await readCalendar(ctx, who, jobRef(params, query), request)
    const body: Calendar = {
      timezone: calendar.timezone,
      days: calendar.days.map(({ date, counts }) => ({ date, counts: { ...counts } })),
      gaps: calendar.gaps.map(presentGap),
      countedFrom: isoOrNull(calendar.countedFrom),
    }
    return { status: 200, body }
  },
})
