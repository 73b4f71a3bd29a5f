// carillon run recent: the last runs of each of some jobs, one job a line.

import type { Job, Run, RunStatus } from '../../sdk/index.ts'
import type { Session } from '../session.ts'
import { table } from '../show/table.ts'
import { showFromNow } from '../show/times.ts'

type RecentOptions = { readonly project?: string; readonly limit?: number }

/** Jobs of one question to the server. */
const JOBS_MAX = 100

/** Each status a sign that needs no colour; the newest run is the last. */
const SIGNS: Readonly<Record<RunStatus, string>> = {
  succeeded: '+',
  failed: 'x',
  missed: '!',
  unknown: '?',
  cancelled: '~',
  skipped: '-',
  running: '>',
  cancelling: '>',
  pending: '.',
}

export async function recentRuns(
  session: Session,
  refs: readonly string[],
  { project, limit }: RecentOptions,
): Promise<void> {
  const { client } = session
  const jobs: Job[] = []
  for (const ref of refs) jobs.push(await client.jobs.get(ref, { project }))
  if (refs.length === 0) {
    const page = await client.jobs.list({ limit: JOBS_MAX, project })
    jobs.push(...page.items)
    if (page.nextCursor !== null) session.say(`These are the first ${JOBS_MAX} jobs: name others.`)
  }
  const recent: { jobId: string; runs: Run[] }[] = []
  for (let n = 0; n < jobs.length; n += JOBS_MAX) {
    const ids = jobs.slice(n, n + JOBS_MAX).map(({ id }) => id)
    recent.push(...(await client.runs.recent(ids, limit)).items)
  }
  const now = Date.now()
  const rows = recent.map(({ runs }, n) => ({ name: jobs[n]!.name, runs, last: runs[0] }))
  await session.print({ items: recent }, () =>
    rows.length === 0
      ? ''
      : table(
          rows,
          [
            { title: 'JOB', value: ({ name }) => name },
            { title: 'LAST', value: ({ last }) => last?.status ?? 'never', style: 'status' },
            { title: 'DUE', value: ({ last }) => showFromNow(last?.dueAt ?? null, now) },
            { title: 'RUNS, THE NEWEST LAST', value: ({ runs }) => stripOf(runs) },
          ],
          session.look,
        ),
  )
  if (rows.length === 0) session.say('No jobs.')
  else
    session.say('x failed, ! missed, ? unknown, ~ cancelled, - skipped, > under way, . to come, + succeeded')
}

function stripOf(runs: readonly Run[]): string {
  return runs
    .toReversed()
    .map(({ status }) => SIGNS[status])
    .join('')
}
