// carillon simple-scheduler …: the commands of that system's command line, with its flags and its columns.

import { type Command, Option } from 'commander'
import { writePrivateFile } from '../../main/private-file.ts'
import { doing, type Fill, finish, type Walk } from '../command-tree.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { type Column, table } from '../show/table.ts'
import { callApi, type SimpleCall, tokenCache } from '../simple-scheduler/api.ts'
import { addJobOptions, changedJob, type JobOptions, newJob } from '../simple-scheduler/job-options.ts'
import type { LogIn } from '../simple-scheduler/log-in.ts'

type Row = Readonly<Record<string, unknown>>
type Wide = { readonly url?: string }

export const fillSimpleScheduler: Fill = (command, walk) => {
  // Before the other words, too: their --url may stand there, and its letter.
  command.addOption(new Option('-u <address>').hideHelp())
  const api = <T>(session: Session, { url }: Wide, call: SimpleCall): Promise<T> =>
    callApi(session, url ?? command.opts<{ u?: string }>().u, call)

  loginCommand(command, walk)
  const list = command.command('list').aliases(['l', 'ls']).description('Jobs or runs')
  listJobs(list, walk, api)
  listRuns(list, walk, api)
  const add = command.command('add').alias('a').description('Make a job')
  const update = command.command('update').alias('u').description('Change a job')
  const changes = [
    [add, 'new', 'A job that was not there'],
    [update, 'changed', 'What is named is changed, the rest stays'],
  ] as const
  for (const [group, kind, about] of changes) {
    const job = withUrl(group.command('job').alias('j').description(about), ['--quiet'])
    addJobOptions(job, kind)
    job.action(
      doing(
        walk,
        async (session, options: JobOptions & Wide) => {
          const { name } = options
          const call: SimpleCall =
            kind === 'new'
              ? { method: 'POST', path: '/jobs', body: newJob(options) }
              : { method: 'PATCH', path: `/jobs/${encodeURIComponent(name)}`, body: changedJob(options) }
          await api<unknown>(session, options, call)
          await session.print({ name }, () => `${kind === 'new' ? 'Added' : 'Updated'} job ${name}`)
        },
        ['--url', '--quiet'],
      ),
    )
  }
}

type Api = <T>(session: Session, wide: Wide, call: SimpleCall) => Promise<T>

function withUrl(command: Command, except: readonly string[] = []): Command {
  finish(command, ['--url', ...except])
  return command.addOption(
    new Option('-u, --url <address>', 'the API (default http://localhost:8080/api), or a Carillon server'),
  )
}

function loginCommand(command: Command, walk: Walk): void {
  const login = finish(
    command.command('login').description('Get a token from the OpenID provider, by a browser'),
  )
  login
    .requiredOption('-c, --client-id <id>', 'the client that this is at the provider')
    .requiredOption('-s, --client-secret <secret>', 'its secret')
    .requiredOption('-i, --issuer <address>', 'the provider')
    .action(
      doing(walk, async (session, options: LogIn) => {
        const { tokenByBrowser } = await import('../simple-scheduler/log-in.ts')
        const token = await tokenByBrowser(options, (address) => session.say(`Log in: ${safeText(address)}`))
        const cache = tokenCache(session)
        await writePrivateFile(cache, `${token}\n`)
        session.say(`The token is in ${cache}, for its owner's eyes only.`)
      }),
    )
}

const JOB_COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', value: textOf('name') },
  { title: 'ENABLED', value: textOf('enabled') },
  { title: 'NEXT RUN AT', value: textOf('nextRunAt') },
  { title: 'INTERVAL', value: textOf('interval') },
  { title: 'RUN EXECUTION TIMEOUT', value: textOf('runExecutionTimeout') },
  { title: 'RUN START TIMEOUT', value: textOf('runStartTimeout') },
  { title: 'MAX QUEUE COUNT', value: textOf('maxQueueCount') },
  { title: 'ALLOW CONCURRENT RUNS', value: textOf('allowConcurrentRuns') },
  { title: 'HEARTBEAT TIMEOUT', value: textOf('heartbeatTimeout') },
]

const RUN_COLUMNS: readonly Column<Row>[] = [
  { title: 'ID', value: textOf('id') },
  { title: 'JOB', value: textOf('jobName') },
  { title: 'STATUS', value: textOf('status'), style: 'status' },
  { title: 'START TIME', value: textOf('startTime') },
  { title: 'END TIME', value: textOf('endTime') },
]

function textOf(name: string): (row: Row) => string {
  return (row) => String(row[name] ?? '')
}

function listJobs(list: Command, walk: Walk, api: Api): void {
  withUrl(list.command('jobs').alias('j').description('All jobs')).action(
    doing(
      walk,
      async (session, options: Wide) => {
        const jobs = await api<Row[] | null>(session, options, { method: 'GET', path: '/jobs' })
        await session.print(jobs ?? [], () =>
          table(jobs ?? [], JOB_COLUMNS, { ...session.look, width: null }),
        )
      },
      ['--url'],
    ),
  )
}

function listRuns(list: Command, walk: Walk, api: Api): void {
  withUrl(list.command('runs').alias('r').description('Runs, the latest first'))
    .option('-j, --job <job>', 'of this job alone')
    .option('-s, --status <status>', 'pending, running, cancelling, cancelled, failed or completed')
    .action(
      doing(
        walk,
        async (session, options: Wide & { job?: string; status?: string }) => {
          const { job, status } = options
          const query = new URLSearchParams({
            ...(job === undefined ? {} : { jobName: job }),
            ...(status === undefined ? {} : { status }),
          })
          const path = query.size === 0 ? '/runs' : `/runs?${query}`
          const runs = await api<Row[] | null>(session, options, { method: 'GET', path })
          await session.print(runs ?? [], () =>
            table(runs ?? [], RUN_COLUMNS, { ...session.look, width: null }),
          )
        },
        ['--url'],
      ),
    )
}
