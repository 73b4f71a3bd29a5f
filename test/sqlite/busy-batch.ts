// What the busy store rings, so that its heir knows what must be there.

import type { JobSpec } from '../../src/domain/job.ts'

/** Jobs in one batch; half of them succeed at once, half fail on their second attempt. */
export const BATCH = 20

export function spec(batch: number, n: number): Partial<JobSpec> {
  const body = 'x'.repeat(200)
  return {
    name: `job-${batch}-${n}`,
    target: { http: { url: 'http://127.0.0.1/', body } },
    callback: { url: 'http://127.0.0.1/told' },
  }
}
