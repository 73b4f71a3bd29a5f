// carillon job delete

import { confirm } from '../confirm.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'

export async function deleteJobs(
  session: Session,
  refs: readonly string[],
  { project }: { readonly project?: string },
): Promise<void> {
  const what = refs.length === 1 ? `the job "${refs[0]}"` : `${refs.length} jobs (${refs.join(', ')})`
  await confirm(session, `Delete ${what}?`)
  for (const ref of refs) {
    await session.client.jobs.delete(ref, { project })
    session.say(`Deleted ${safeText(ref)}. Its ledger stays until retention forgets it.`)
  }
}
