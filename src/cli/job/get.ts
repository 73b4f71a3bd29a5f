// carillon job get

import type { Session } from '../session.ts'
import { showJob } from '../show/jobs.ts'

export async function getJob(
  session: Session,
  ref: string,
  { project }: { readonly project?: string },
): Promise<void> {
  const job = await session.client.jobs.get(ref, { project })
  const { offlineSchedule } = await import('../../main/offline-schedule.ts')
  const offline = offlineSchedule(
    job.schedule as Parameters<typeof offlineSchedule>[0],
    Date.parse(job.createdAt),
  )
  const words = 'schedule' in offline ? offline.schedule.describe() : null
  await session.print(job, () => showJob(job, words, session.look, Date.now()))
}
