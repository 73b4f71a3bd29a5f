// Carries out one attempt as a process. Whatever is in the way is an outcome, told before anything starts where it can be.

import { statSync } from 'node:fs'
import { EXECUTION_LIMITS, type Execution } from '../../domain/command-target.ts'
import { parseDuration } from '../../domain/duration.ts'
import { Masker } from '../../domain/masker.ts'
import { type News, toldText } from '../../domain/news.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { resolvePolicy } from '../../domain/policy.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OpenLog } from '../../ports/log-sink.ts'
import type { StopSignal } from '../../ports/stop.ts'
import type { Work } from '../../ports/store.ts'
import { BeatFile } from './beat-file.ts'
import { BeatWatch } from './beat-watch.ts'
import type { Containment } from './containment.ts'
import { findProgram } from './find-program.ts'
import { findUser, type SystemUser } from './find-user.ts'
import { launchLine } from './launch-line.ts'
import { OutputCapture } from './output-capture.ts'
import { OutputPipes } from './output-pipes.ts'
import { type Environment, processEnvironment } from './process-environment.ts'
import { brokenOff, notStarted, processOutcome } from './process-outcome.ts'
import { runProcess } from './run-process.ts'
import type { Scratch, ScratchRoot } from './scratch.ts'
import { StandardInput } from './standard-input.ts'

export type ExecutorOptions = {
  readonly clock: Clock
  readonly containment: Containment
  readonly scratch: ScratchRoot
  readonly openLog: OpenLog
  /** The agent's own environment; little of it is passed on. */
  readonly around: Environment
  /** What an attempt tells of itself. */
  readonly onNews?: (work: Work, news: News) => void
}

/** Program and arguments, as soon as the attempt has a folder; what it throws as `NotStarted` is told. */
export type ArgvOf = (scratch: Scratch) => Promise<readonly string[]> | readonly string[]

/** How far it came, for whatever is thrown on the way. */
type Course = { started: boolean; outcome: Outcome | null }

type Attempt = {
  readonly work: Work
  readonly execution: Execution
  readonly argvOf: ArgvOf
  readonly output: OutputCapture
  readonly signal: StopSignal
  readonly course: Course
}

export class NotStarted extends Error {
  readonly code: string
  /** false: it cannot help to try again, here or elsewhere. */
  readonly retryable: boolean | undefined

  constructor(code: string, message: string, retryable?: boolean) {
    super(message)
    this.code = code
    this.retryable = retryable
  }
}

export class ProcessExecutor {
  readonly #options: ExecutorOptions

  constructor(options: ExecutorOptions) {
    this.#options = options
  }

  async execute(work: Work, execution: Execution, argvOf: ArgvOf, signal: StopSignal): Promise<Outcome> {
    const log = this.#options.openLog(work)
    const masker = work.secrets === undefined ? null : new Masker(Object.values(work.secrets))
    const maxBytes = execution.output?.maxBytes ?? EXECUTION_LIMITS.outputBytesDefault
    const output = new OutputCapture(log, maxBytes, masker)
    const course: Course = { started: false, outcome: null }
    try {
      return await this.#run({ work, execution, argvOf, output, signal, course })
    } catch (error) {
      // What has run is not told as not started: it would be run again.
      if (course.outcome !== null) {
        output.say(`after its end: ${(error as Error).message}\n`)
        return course.outcome
      }
      const outcome = course.started ? brokenOff(error) : notStarted(error)
      log.write('system', Buffer.from(`${outcome.message}\n`))
      return outcome
    } finally {
      await log.end()
    }
  }

  async #run({ work, execution, argvOf, output, signal, course }: Attempt): Promise<Outcome> {
    const { clock, containment, around } = this.#options
    const user = await this.#userOf(execution)
    await using scratch = await this.#options.scratch.open(user, containment.tools.setpriv)
    const env = processEnvironment(around, execution.env ?? {}, work, { scratch: scratch.path, user })
    const cwd = execution.cwd ?? scratch.path
    if (!isFolder(cwd)) throw new NotStarted('cwd_missing', `there is no directory ${cwd} on this machine`)
    const [name = '', ...args] = await argvOf(scratch)
    const program = findProgram(name, cwd, env['PATH'] ?? '')
    if ('missing' in program) throw new NotStarted('command_missing', program.missing)
    const limits = execution.limits ?? {}
    const { timeoutMs, heartbeatTimeoutMs: silentMs } = resolvePolicy(work.spec.policy)
    const killAfterMs = parseDuration(execution.killAfter ?? '') ?? EXECUTION_LIMITS.killAfterDefaultMs
    const given = stdinOf(work, execution)
    using stdin = given === null ? null : await StandardInput.open(scratch, given)
    using file = BeatFile.open(scratch)
    using pipes = await OutputPipes.open(containment.tools.mkfifo, scratch, user)
    if (signal.aborted) return { kind: 'cancelled', message: 'cancelled before it was started' }
    await scratch.handOver()
    const end = await runProcess(
      {
        line: launchLine({ argv: [program.path, ...args], user, limits }, containment),
        cwd,
        env: { ...env, ...markOf(scratch), CARILLON_BEAT: file.path },
        mark: Object.entries(markOf(scratch))[0]!.join('='),
        stdin: stdin?.fd ?? null,
        timeoutMs,
        killAfterMs,
        sealed: containment.kind === 'namespace',
        pipes,
        beats: this.#watch(work, file, output, silentMs),
        onStarted: () => {
          course.started = true
        },
      },
      output,
      clock,
      signal,
    )
    output.flush()
    course.outcome = processOutcome(end, output, { timeoutMs, killAfterMs, silentMs })
    return course.outcome
  }

  #watch(work: Work, file: BeatFile, output: OutputCapture, silentMs: number | null): BeatWatch {
    const { clock, onNews } = this.#options
    return new BeatWatch({
      file,
      clock,
      silentMs,
      onNews: ({ message, ...rest }) => {
        const told = message === undefined ? {} : { message: toldText(output.masked(message)) }
        onNews?.(work, { ...rest, ...told })
      },
      onMisheard: (what) => output.say(`${what}\n`),
    })
  }

  /** null: the agent's own, no jump is needed. */
  async #userOf({ user: name }: Execution): Promise<SystemUser | null> {
    if (name === undefined) return null
    const { containment } = this.#options
    const user = await findUser(name)
    if (user === null) throw new NotStarted('user_unknown', `this machine has no user "${name}"`)
    if (user.uid === process.getuid?.()) return null
    if (!containment.isRoot) {
      throw new NotStarted(
        'user_refused',
        `this agent cannot become the user "${name}": it does not run as root. Leave "user" out, or start the agent as root.`,
      )
    }
    return user
  }
}

/** A folder of that name was never there before and is not there twice. */
function markOf(scratch: Scratch): Record<string, string> {
  return { CARILLON_SCRATCH: scratch.path }
}

/** What a trigger sent along stands in for the job's own. */
function stdinOf({ run }: Work, { stdin }: Execution): string | null {
  const { params } = run
  if (params === null || params === undefined) return stdin ?? null
  return typeof params === 'string' ? params : JSON.stringify(params)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
