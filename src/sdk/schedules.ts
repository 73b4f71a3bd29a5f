// Schedules without a job: what would this be due?

import type { SchedulePreview, SchedulePreviewRequest } from '../protocol/schedule.ts'
import type { CallOptions } from './client-options.ts'
import type { Transport } from './transport.ts'

export class SchedulesGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The schedule in words, its next due instants, and what may surprise about it. Stores nothing. */
  preview(request: SchedulePreviewRequest, options: CallOptions = {}): Promise<SchedulePreview> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/schedules/preview', body: request })
  }
}
