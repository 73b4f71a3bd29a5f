// Many jobs, in requests of bounded size, with progress for whoever watches.

import type { JobBatchItem, JobDraft } from '../../sdk/index.ts'
import { CliError, type Complaint } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { startProgress } from '../progress.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'

const JOBS_A_REQUEST = 500
const COMPLAINTS_SHOWN = 20

/** `whole`: all in one request, all or none. Otherwise each for itself, and those that were refused are named. */
export async function createJobs(
  session: Session,
  drafts: readonly JobDraft[],
  whole: boolean,
): Promise<void> {
  const chunk = whole ? drafts.length : JOBS_A_REQUEST
  const items: JobBatchItem[] = []
  const progress = await startProgress(session, 'Creating jobs', drafts.length)
  try {
    for (let first = 0; first < drafts.length; first += chunk) {
      const jobs = drafts.slice(first, first + chunk)
      const report = await session.client.jobs.createMany({ jobs: [...jobs], mode: whole ? 'whole' : 'each' })
      items.push(...report.items)
      progress.advance(jobs.length)
    }
  } catch (error) {
    if (items.length > 0)
      session.say(`${items.filter(({ job }) => job !== undefined).length} jobs had been created before.`)
    throw error
  } finally {
    progress.end()
  }
  await tell(session, drafts, items)
}

async function tell(
  session: Session,
  drafts: readonly JobDraft[],
  items: readonly JobBatchItem[],
): Promise<void> {
  const created = items.flatMap(({ job }) => (job === undefined ? [] : [job]))
  const failed = items.length - created.length
  await session.print(
    { created: created.length, failed, items },
    () => `Created ${created.length} of ${drafts.length} jobs`,
  )
  for (const { name, warnings } of created) {
    for (const { detail } of warnings) session.warn(`${name}: ${detail}`)
  }
  if (failed === 0) return
  const complaints = items.flatMap((item, n) =>
    item.job === undefined ? complaintsOf(item, n, drafts[n]!) : [],
  )
  const more = complaints.length - COMPLAINTS_SHOWN
  throw new CliError(EXIT.usage, `${failed} of ${drafts.length} jobs were refused.`, {
    complaints: complaints.slice(0, COMPLAINTS_SHOWN),
    hint: more > 0 ? `And ${more} more; -o json shows all.` : null,
  })
}

function complaintsOf({ code, errors }: JobBatchItem, n: number, draft: JobDraft): Complaint[] {
  const name = typeof draft.name === 'string' ? `"${safeText(draft.name)}"` : `number ${n + 1}`
  const found = errors ?? []
  if (found.length === 0) return [{ where: `job ${name}`, detail: code ?? 'refused' }]
  return found.map(({ pointer, detail, suggestion }) => ({
    where: `job ${name}${pointer.replace(/^\/jobs\/\d+/, ' ')}`.trimEnd(),
    detail,
    suggestion,
  }))
}
