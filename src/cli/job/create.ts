// carillon job create: one job from options or a file, many from a file.

import type { JobDraft, JobWithWarnings } from '../../sdk/index.ts'
import { CarillonError } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { problemOfClient } from '../problem-of-client.ts'
import { readDocuments, readInput } from '../read-input.ts'
import type { Session } from '../session.ts'
import { nextLines } from '../show/instants.ts'
import { scheduleWord } from '../show/jobs.ts'
import { safeText } from '../show/safe-text.ts'
import { targetWords } from '../show/target-words.ts'
import { checkDrafts } from './check.ts'
import { createJobs } from './create-many.ts'
import { draftOfOptions } from './draft-of-options.ts'
import { type DraftOptions, OPTION_OF_POINTER } from './draft-options.ts'
import { draftsOf } from './drafts-of-documents.ts'

export async function createJob(
  session: Session,
  name: string | undefined,
  options: DraftOptions,
): Promise<void> {
  if (options.file !== undefined) return createFromFile(session, options.file, name, options)
  if (name === undefined) {
    throw new CliError(EXIT.usage, 'The job needs a name.', {
      hint: 'carillon job create NAME --every 30s --url https://…',
    })
  }
  const draft = await draftOfOptions(name, options, (place) => readInput(session, place))
  if (options.dryRun === true) return checkDrafts(session, [draft], nameTheOption)
  await createOne(session, draft, nameTheOption)
}

async function createFromFile(
  session: Session,
  file: string,
  name: string | undefined,
  options: DraftOptions,
): Promise<void> {
  const drafts = draftsOf(await readDocuments(session, file), options.project)
  if (name !== undefined && drafts.length > 1) {
    throw new CliError(EXIT.usage, `A name was given, but ${file} holds ${drafts.length} jobs.`)
  }
  if (drafts.length === 0) throw new CliError(EXIT.usage, `${file} holds no job.`)
  const named = drafts.map((draft) => (name === undefined ? draft : { ...draft, name }))
  if (options.dryRun === true) return checkDrafts(session, named)
  if (named.length > 1) return createJobs(session, named, options.wholeOrNone === true)
  await createOne(session, named[0]!, (problem) => problem)
}

async function createOne(
  session: Session,
  draft: JobDraft,
  mend: (problem: CliError) => CliError,
): Promise<void> {
  const job = await session.client.jobs.create(draft).catch((error: unknown) => {
    throw error instanceof CarillonError ? mend(problemOfClient(error, session)) : error
  })
  await tell(session, job)
}

/** The job in words, what is next, and what may surprise. */
async function tell(session: Session, job: JobWithWarnings): Promise<void> {
  const now = Date.now()
  const preview =
    job.schedule.cron || job.schedule.every || job.schedule.at ? await nextOf(session, job) : null
  await session.print(job, () => {
    const words = safeText(preview?.description ?? scheduleWord(job.schedule))
    return [
      `Created ${session.paint('bold', safeText(job.name))} (${job.id})`,
      `${words}: ${safeText(targetWords(job.target))}`,
      ...(preview === null
        ? [`Ring it with: carillon job trigger ${safeText(job.name)}`]
        : nextLines(preview, now)),
    ].join('\n')
  })
  for (const { detail } of job.warnings) session.warn(detail)
}

/** As the server sees it: its clock, and the job's own phase. Failing at this is no failure of the creation. */
async function nextOf(session: Session, job: JobWithWarnings) {
  const { every, anchor } = job.schedule
  const schedule =
    every !== undefined && anchor === undefined ? { ...job.schedule, anchor: job.createdAt } : job.schedule
  const from = job.nextDueAt === null ? {} : { from: job.nextDueAt }
  return session.client.schedules.preview({ schedule, count: 3, ...from }).catch(() => null)
}

function nameTheOption(problem: CliError): CliError {
  const complaints = problem.complaints.map((complaint) => {
    const option = OPTION_OF_POINTER.find(([pointer]) => `${complaint.where}/`.startsWith(`${pointer}/`))?.[1]
    return option === undefined ? complaint : { ...complaint, where: `${option} (${complaint.where})` }
  })
  return new CliError(problem.exitCode, problem.message, {
    complaints,
    hint: problem.hint,
    cause: problem.cause,
  })
}
