// Schedules, before any job has them.

import { previewSchedule } from '../../../commands/preview-schedule.ts'
import { SchedulePreview, SchedulePreviewRequest } from '../../../protocol/schedule.ts'
import { endpoint } from '../../http/endpoint.ts'
import { readInstant } from './instant-field.ts'
import { localText } from './local-text.ts'
import { iso } from './present.ts'

export const previewScheduleEndpoint = endpoint({
  method: 'POST',
  path: '/v1/schedules/preview',
  operationId: 'previewSchedule',
  tag: 'Schedules',
  summary: 'Preview a schedule',
  description:
    'The next due instants, the schedule in words, and what may surprise about it. Stores nothing.',
  action: 'schedule.preview',
  body: { schema: SchedulePreviewRequest },
  replies: { 200: { description: 'What it would do.', schema: SchedulePreview } },
  handle: ({ ctx, who, body }) => {
    const { schedule, count } = body
    const from = body.from === undefined ? {} : { from: readInstant(body.from, '/from') }
    const preview = previewSchedule(ctx, who, {
      schedule,
      ...from,
      ...(count === undefined ? {} : { count }),
    })
    const { description, timezone, warnings } = preview
    const instants = preview.instants.map((at) => ({ utc: iso(at), local: localText(at, timezone) }))
    return {
      status: 200,
      body: { description, timezone, instants, warnings: [...warnings] } satisfies SchedulePreview,
    }
  },
})
