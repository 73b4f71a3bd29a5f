// carillon job bulk: one action on all jobs that a filter finds, told job by job.

import { type BulkLine, type BulkRequest, type Job, newIdempotencyKey } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit-code.ts'
import { startProgress } from '../progress.ts'
import type { Session } from '../session.ts'
import { defined } from './defined.ts'
import { labelsOf } from './draft-of-options.ts'
import { type DueOptions, dueIn } from './due-in.ts'
import { endOf, type PauseOptions } from './pause.ts'
import { paramsOf } from './trigger.ts'

type Action = BulkRequest['action']

export type BulkOptions = PauseOptions &
  DueOptions & {
    readonly search?: string
    readonly status?: Job['status']
    readonly label?: readonly string[]
    /** Instead of a filter. */
    readonly every?: boolean
    readonly params?: string
    readonly force?: boolean
    readonly dryRun?: boolean
    readonly idempotencyKey?: string
  }

const COMPLAINTS_SHOWN = 20

export async function bulkJobs(session: Session, action: Action, options: BulkOptions): Promise<void> {
  const request = await requestOf(session, action, options)
  const total = await countOf(session, request)
  if (options.dryRun === true) {
    await session.print({ total }, () => `It is about ${jobs(total)}. Nothing was done.`)
    return
  }
  if (total === 0) {
    await session.print({ total: 0, done: 0, failed: 0, items: [] }, () => '')
    session.say('No job is like that.')
    return
  }
  await confirm(session, `${title(action)} ${jobs(total)}?`)
  const key = options.idempotencyKey ?? newIdempotencyKey()
  const items: BulkLine[] = []
  let end: BulkLine | null = null
  const progress = await startProgress(session, title(action), total)
  try {
    for await (const line of session.client.jobs.bulk(request, { idempotencyKey: key })) {
      if (line.done !== undefined) end = line
      else if (line.jobId !== undefined) {
        items.push(line)
        progress.advance(1)
      }
    }
  } catch (error) {
    if (items.length > 0)
      session.say(`The answer broke off after ${items.length} of ${jobs(total)}. ${again(action, key)}`)
    throw error
  } finally {
    progress.end()
  }
  if (end === null) throw cutOff(action, key, items, total)
  const { done = 0, failed = 0 } = end
  await session.print(
    { total, done, failed, items },
    () => `${title(action)}: done for ${done} of ${jobs(total)}`,
  )
  if (failed > 0) throw refused(items, failed, total)
}

async function requestOf(session: Session, action: Action, options: BulkOptions): Promise<BulkRequest> {
  const { search, status, label, project, every, note, force } = options
  const filter = {
    ...defined({ q: search, status, project }),
    ...dueIn(options),
    ...(label === undefined ? {} : { labels: labelsOf(label) }),
  }
  if (Object.keys(filter).length === 0 && every !== true) {
    throw new CliError(
      EXIT.usage,
      'It has to say which jobs: --search, --status, --label, --project, --due-from, --due-to, or --every.',
    )
  }
  if (Object.keys(filter).length > 0 && every === true)
    throw new CliError(EXIT.usage, 'Give --every or a filter, not both.')
  const until = endOf(options)
  const pause = defined({ until, note })
  const trigger = { ...(await paramsOf(session, options.params)), ...defined({ force }) }
  for (const [of, given] of [
    ['pause', pause],
    ['trigger', trigger],
  ] as const) {
    const [first] = Object.keys(given)
    if (first !== undefined && action !== of)
      throw new CliError(EXIT.usage, `--${first} goes with "${of}", not with "${action}".`)
  }
  return {
    action,
    filter,
    ...(action === 'pause' ? { pause } : {}),
    ...(action === 'trigger' ? { trigger } : {}),
  }
}

async function countOf(session: Session, request: BulkRequest): Promise<number> {
  for await (const { total } of session.client.jobs.bulk({ ...request, dryRun: true })) {
    if (total !== undefined) return total
  }
  throw new CliError(EXIT.failure, 'The answer was cut off before it said how many jobs there are.')
}

function title(action: Action): string {
  return `${action[0]!.toUpperCase()}${action.slice(1)}`
}

function jobs(count: number): string {
  return count === 1 ? '1 job' : `${count} jobs`
}

/** Without its last line the answer did not come to its end: the server stopped, or the key ended. */
function cutOff(action: Action, key: string, items: readonly BulkLine[], total: number): CliError {
  const message = `The answer was cut off after ${items.length} of ${jobs(total)}.`
  return new CliError(EXIT.failure, message, { hint: again(action, key) })
}

function again(action: Action, key: string): string {
  if (action !== 'trigger') return 'Say it again for the others.'
  return `Say it again with --idempotency-key ${key}: nothing is triggered twice.`
}

function refused(items: readonly BulkLine[], failed: number, total: number): CliError {
  const wrong = items.filter(({ ok }) => ok === false)
  const more = wrong.length - COMPLAINTS_SHOWN
  return new CliError(EXIT.failure, `${failed} of ${jobs(total)} refused.`, {
    complaints: wrong.slice(0, COMPLAINTS_SHOWN).map(({ name, jobId, code, detail }) => ({
      where: `job ${name ?? jobId}`,
      detail: detail ?? code ?? 'refused',
    })),
    hint: more > 0 ? `And ${more} more; -o json shows all.` : null,
  })
}
