// --dry-run of job create and job edit: what the server would say, and nothing is stored.

import type { JobCheck, JobDraft } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'

type Mend = (problem: CliError) => CliError

export async function checkDrafts(
  session: Session,
  drafts: readonly JobDraft[],
  mend: Mend = (problem) => problem,
): Promise<void> {
  const checks: JobCheck[] = []
  for (const draft of drafts) checks.push(await session.client.jobs.check(draft))
  await tellChecks(session, drafts, checks, mend)
}

export async function tellChecks(
  session: Session,
  drafts: readonly JobDraft[],
  checks: readonly JobCheck[],
  mend: Mend = (problem) => problem,
): Promise<void> {
  const many = drafts.length > 1
  const complaints = checks.flatMap(({ errors }, n) =>
    errors.map(({ pointer, detail, suggestion }) => ({
      where: many ? `/${n}${pointer}` : pointer,
      detail,
      suggestion,
    })),
  )
  if (complaints.length > 0)
    throw mend(new CliError(EXIT.usage, 'The server would refuse this; nothing was stored.', { complaints }))
  await session.print(many ? checks : checks[0], () =>
    drafts.map(({ name }) => safeText(`${name} would be accepted; nothing was stored.`)).join('\n'),
  )
  for (const { warnings } of checks) for (const { detail } of warnings) session.warn(detail)
}
