// Follows live events of runs, a line each, until somebody ends it.

import type { LiveEvent, Run } from '../sdk/index.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-code.ts'
import type { Session } from './session.ts'
import { runLine } from './show/runs.ts'
import { safeJson } from './show/safe-text.ts'

export type Watching = { readonly job?: string; readonly project?: string; readonly timeout?: number }

export async function watchRuns(session: Session, { job, project, timeout }: Watching): Promise<void> {
  const stop = new AbortController()
  const timer = timeout === undefined ? undefined : setTimeout(() => stop.abort(), timeout)
  session.terminal.stdout.once('error', () => stop.abort())
  const onOpen = (): void => session.say(session.talkPaint('dim', 'Following; Ctrl-C ends it.'))
  try {
    const follow = { types: ['run.*', 'reset'], job, project, signal: stop.signal, onOpen }
    for await (const event of session.client.events.follow(follow)) await show(session, event)
  } finally {
    clearTimeout(timer)
  }
  if (timeout !== undefined) throw new CliError(EXIT.waitTimedOut, 'The time to follow is over.')
}

async function show(session: Session, event: LiveEvent): Promise<void> {
  if (event.type === 'reset') {
    session.warn('Some events were lost. See what happened with: carillon run list')
    return
  }
  // One event a line, so that a program can read them as they come.
  if (session.options.output === 'json') return session.write(safeJson(JSON.stringify(event)))
  await session.print(event, () => runLine(runOf(event), event.at, session.paint))
}

function runOf({
  runId,
  data,
}: LiveEvent): Pick<Run, 'id' | 'job' | 'status' | 'reason' | 'message' | 'attemptCount'> {
  const { jobName, status, reason, message, attempts } = data as Readonly<Record<string, unknown>>
  return {
    id: runId ?? '',
    job: String(jobName ?? ''),
    status: String(status ?? '') as Run['status'],
    reason: (reason ?? null) as Run['reason'],
    message: typeof message === 'string' ? message : null,
    attemptCount: typeof attempts === 'number' ? attempts : 0,
  }
}
