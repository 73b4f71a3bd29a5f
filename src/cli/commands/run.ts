// carillon run …

import { Option } from 'commander'
import type { Reason, Run, RunStatus } from '../../sdk/index.ts'
import { awaitRun } from '../await-run.ts'
import { doing, type Fill, later, leaf } from '../command-tree.ts'
import { confirm } from '../confirm.ts'
import { duration } from '../durations.ts'
import { wholeNumber } from '../numbers.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import { pointInTime } from '../point-in-time.ts'
import { commaList } from '../repeated.ts'
import type { Session } from '../session.ts'
import { showRun, showRuns } from '../show/runs.ts'
import { safeText } from '../show/safe-text.ts'
import { beat, share } from './beat.ts'

export const fillRun: Fill = (run, walk) => {
  addPageOptions(leaf(run, 'list', 'List runs, the latest first'))
    .option('-j, --job <job>', 'only of this job')
    .option('-p, --project <name>', 'only of this project')
    .option('--status <statuses>', 'only with one of these: failed,missed')
    .option('--reason <reasons>', 'only skipped or missed for one of these: overlap,too_late')
    .option('--from <time>', 'due at this time or later')
    .option('--to <time>', 'due before this time')
    .action(doing(walk, listRuns))

  leaf(run, 'recent [job...]', 'The last runs of each job, one job a line')
    .option('-p, --project <name>', 'the project their names belong to; without names: only its jobs')
    .option('-n, --limit <number>', 'so many runs of each (default 20)', wholeNumber(1, 100))
    .action(later(walk, async () => (await import('./recent.ts')).recentRuns))

  leaf(run, 'get <run>', 'Show a run with all its attempts').action(doing(walk, getRun))

  leaf(run, 'create <job>', 'One run of a job now')
    .option('-p, --project <name>', 'the project its name belongs to')
    .option('--params <json>', 'handed to the target; @file, @- from standard input')
    .option('--force', 'also when the job is paused')
    .option('--wait', 'wait for the end; exit with its result')
    .option('--follow', 'show what it writes; exit with the exit code of its process')
    .option('--timeout <duration>', 'with --wait: no longer than this', duration)
    .action(later(walk, async () => (await import('../log/create-run.ts')).createRun))

  leaf(run, 'log <run>', 'What the processes of a run have written')
    .option('-f, --follow', 'what they write, until the run has ended; exit with its result')
    .option('--attempt <number>', 'of this attempt (default: the latest)', wholeNumber(1, 999_999))
    .option('--part <number>', 'of this part only', wholeNumber(0, 999_999))
    .option('--agent <name>', 'of the part this agent has')
    .option('--stream <streams>', 'only stdout, stderr or system; several with commas', commaList)
    .option('-n, --tail <lines>', 'only so many of the last lines', wholeNumber(1, 5_000))
    .option('-t, --timestamps', 'each line with its time')
    .option('--raw', 'byte for byte as it was written')
    .action(later(walk, async () => (await import('../log/read-log.ts')).readLog))

  leaf(run, 'watch [run]', 'Follow a run to its end, or all runs as they come')
    .option('-j, --job <job>', 'the runs of this job')
    .option('-p, --project <name>', 'the runs of this project')
    .addOption(new Option('--timeout <duration>', 'follow no longer than this').argParser(duration))
    .action(
      doing(walk, async (session, id: string | undefined, options: WatchOptions) => {
        if (id !== undefined) return awaitRun(session, id, { tell: true, timeoutMs: options.timeout })
        return (await import('../watch-runs.ts')).watchRuns(session, options)
      }),
    )

  leaf(run, 'beat', 'For a command or script of a run: say that it goes on, and how')
    .argument('[progress]', 'how far it is, as 40% or 0.4', share)
    .option('-m, --message <text>', 'what it is at, in a sentence')
    .option('--extend <duration>', 'from now on it may take so much longer', duration)
    .action(doing(walk, beat))

  leaf(run, 'cancel <run...>', 'Ask for the end of runs').action(doing(walk, cancelRuns))

  leaf(run, 'retry <run>', 'A new run that does the work of an ended one again')
    .option('--wait', 'wait for the end; exit with its result')
    .action(doing(walk, retryRun))
}

type WatchOptions = { readonly job?: string; readonly project?: string; readonly timeout?: number }

type ListOptions = PageOptions & {
  readonly job?: string
  readonly project?: string
  readonly status?: string
  readonly reason?: string
  readonly from?: string
  readonly to?: string
}

async function listRuns(session: Session, options: ListOptions): Promise<void> {
  const { job, project, status, reason } = options
  const now = new Date()
  const query = {
    job,
    project,
    // Checked by the server, which knows the words.
    status: status === undefined ? undefined : (commaList(status) as RunStatus[]),
    reason: reason === undefined ? undefined : (commaList(reason) as Reason[]),
    from: options.from === undefined ? undefined : pointInTime(options.from, now),
    to: options.to === undefined ? undefined : pointInTime(options.to, now),
  }
  await printPages(
    session,
    options,
    (page) => session.client.runs.list({ ...query, ...page }),
    (runs) => showRuns(runs, session.look, now.getTime()),
    'No runs.',
  )
}

async function getRun(session: Session, id: string): Promise<void> {
  const run = await session.client.runs.get(id)
  await session.print(run, () => showRun(run, session.look, Date.now()))
}

async function cancelRuns(session: Session, ids: readonly string[]): Promise<void> {
  if (ids.length > 1) await confirm(session, `Cancel ${ids.length} runs?`)
  const runs: Run[] = []
  for (const id of ids) runs.push(await session.client.runs.cancel(id))
  await session.print(runs.length === 1 ? runs[0] : { items: runs, nextCursor: null }, () =>
    runs.map(({ id, job, status }) => safeText(`Run ${id} of ${job} is ${status}`)).join('\n'),
  )
}

async function retryRun(session: Session, id: string, { wait }: { readonly wait?: boolean }): Promise<void> {
  const run = await session.client.runs.retry(id)
  if (wait === true) return awaitRun(session, run.id, { tell: false, timeoutMs: undefined })
  await session.print(run, () => safeText(`Run ${run.id} of ${run.job} is ${run.status}`))
}
