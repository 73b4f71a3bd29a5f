// carillon job edit: read, change, write back only if nobody else has changed it meanwhile.

import { CarillonError, type Job, type JobDraft } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { ask } from '../confirm.ts'
import { type Draft, openDraft } from '../editor.ts'
import { EXIT } from '../exit-code.ts'
import { readDocuments } from '../read-input.ts'
import { reportError } from '../report-error.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { tellChecks } from './check.ts'
import { draftsOf } from './drafts-of-documents.ts'
import { editableOf, editText } from './editable.ts'
import { readChange, withChange } from './set-path.ts'

type EditOptions = {
  readonly project?: string
  readonly file?: string
  readonly set?: readonly string[]
  readonly dryRun?: boolean
}

export async function editJob(session: Session, ref: string, options: EditOptions): Promise<void> {
  if (options.file !== undefined && options.set !== undefined) {
    throw new CliError(EXIT.usage, 'Give --file or --set, not both.')
  }
  const drafts =
    options.file === undefined ? null : draftsOf(await readDocuments(session, options.file), undefined)
  if (drafts !== null && drafts.length !== 1)
    throw new CliError(EXIT.usage, `${options.file} does not hold one job, but ${drafts.length}.`)
  const job = await session.client.jobs.get(ref, { project: options.project })
  const draft = drafts?.[0] ?? (options.set === undefined ? undefined : await changed(job, options.set))
  if (options.dryRun === true) return check(session, job, draft)
  if (draft !== undefined) return replace(session, job, draft)
  await editByHand(session, job)
}

async function check(session: Session, job: Job, draft: JobDraft | undefined): Promise<void> {
  if (draft === undefined) throw new CliError(EXIT.usage, 'Give --file or --set with --dry-run.')
  await tellChecks(session, [draft], [await session.client.jobs.checkEdit(job.id, draft)])
}

async function replace(session: Session, job: Job, draft: JobDraft): Promise<void> {
  const written = await session.client.jobs.replace(job.id, draft, { ifVersion: job.version })
  await session.print(written, () => safeText(`Changed ${written.name}: version ${written.version}`))
  for (const { detail } of written.warnings) session.warn(detail)
}

async function changed(job: Job, changes: readonly string[]): Promise<JobDraft> {
  const { readYaml } = await import('../../main/yaml-documents.ts')
  const readValue = (text: string): unknown => {
    try {
      return readYaml(text)[0] ?? text
    } catch {
      return text
    }
  }
  return changes.map((text) => readChange(text, readValue)).reduce(withChange, editableOf(job))
}

async function editByHand(session: Session, job: Job): Promise<void> {
  if (!session.interactive) {
    throw new CliError(EXIT.usage, 'There is no terminal to edit in.', {
      hint: 'Use --set path=value, or -f file.',
    })
  }
  const { writeYaml } = await import('../../main/yaml-documents.ts')
  const before = editText(job, writeYaml(editableOf(job)))
  const draft = await openDraft(session, 'job.yaml', before)
  while (!(await tryEdit(session, job, draft, before))) {
    if (!(await ask(session, 'Edit it again?'))) {
      throw new CliError(EXIT.usage, 'The job was not changed.', {
        hint: `What you wrote is kept in ${draft.path}`,
      })
    }
  }
  await draft.discard()
}

/** false: refused, and told why. */
async function tryEdit(session: Session, job: Job, draft: Draft, before: string): Promise<boolean> {
  const text = await draft.edit()
  if (text === before || text.trim() === '') {
    session.say('Nothing was changed.')
    return true
  }
  try {
    const drafts = draftsOf(await readDocuments(session, draft.path), undefined)
    if (drafts.length !== 1)
      throw new CliError(EXIT.usage, `The file does not hold one job, but ${drafts.length}.`)
    await replace(session, job, drafts[0]!)
    return true
  } catch (error) {
    // Another edit came first: trying again with the same version would be refused for ever.
    const lost = error instanceof CarillonError && error.code === 'version_conflict'
    if (lost) session.say(`What you wrote is kept in ${draft.path}`)
    if (lost || !(error instanceof CarillonError || error instanceof CliError)) throw error
    reportError(error, session.terminal, session)
    return false
  }
}
