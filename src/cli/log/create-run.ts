// carillon run create: one run of a job now. Followed to its end, the command ends as the process did.

import type { RunDetail } from '../../sdk/index.ts'
import { EXIT } from '../exit-code.ts'
import { startRun, type TriggerOptions, triggerJob } from '../job/trigger.ts'
import type { Session } from '../session.ts'
import { followRun } from './follow-run.ts'

export async function createRun(session: Session, job: string, options: TriggerOptions): Promise<void> {
  if (options.follow !== true) return triggerJob(session, job, options)
  const run = await startRun(session, job, options)
  session.exitCode = ownResult(await followRun(session, run.id, {}))
}

/** What a shell would have seen: the exit code of the process, 128 + n for signal n; else that of a run that failed. */
/** Of a run that several share: of the last of them that failed. */
function ownResult({ status, attempts, parts }: RunDetail): number {
  if (status === 'succeeded') return EXIT.ok
  const failed = parts.length === 0 ? attempts : attempts.filter(({ outcome }) => outcome !== 'ok')
  const ended = failed.at(-1)?.process
  if (ended?.exitCode) return ended.exitCode
  const number = ended?.signal ? SIGNAL_NUMBERS[ended.signal] : undefined
  return number === undefined ? EXIT.runFailed : 128 + number
}

/** Of the system the process ran on, where they are the same everywhere. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGXCPU: 24,
  SIGXFSZ: 25,
}
