// One process from its start to the end of all that came of it. TERM at the deadline or when it is cancelled, KILL when that
// did not help in time; what it leaves behind is ended with it.

import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Clock } from '../../ports/clock.ts'
import type { StopSignal } from '../../ports/stop.ts'
import type { BeatWatch } from './beat-watch.ts'
import type { OutputCapture } from './output-capture.ts'
import type { OutputPipes } from './output-pipes.ts'
import { killMarked, signalGroup } from './process-tree.ts'

export type ProcessRequest = {
  readonly line: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** An entry of `env` that nobody else's has. */
  readonly mark: string
  /** Open for reading; null: nothing. */
  readonly stdin: number | null
  /** null: none. */
  readonly timeoutMs: number | null
  readonly killAfterMs: number
  /** Nothing can leave it: when the process has ended, all has. */
  readonly sealed: boolean
  /** null: Node's own. */
  readonly pipes: OutputPipes | null
  readonly beats: BeatWatch
  readonly onStarted: () => void
}

/** `silent`: it said nothing of itself for too long. */
export type StopReason = 'timeout' | 'cancelled' | 'silent'

export type ProcessEnd = {
  readonly exitCode: number | null
  readonly signal: string | null
  /** Why it was made to end; null: by itself. */
  readonly stopped: StopReason | null
  /** It had to be killed. */
  readonly killed: boolean
}

/** What still holds a pipe open after all is killed is not ours; its words are not waited for. */
const DRAIN_MAX_MS = 2_000
/** So often it is looked again, where something still comes: what a pipe held is read in less. */
const DRAIN_LOOKS_MAX = 3
/** A pipe holds 1 MiB at most, and the reader as much again at most. What comes after that was written after the end. */
const DRAIN_BYTES_MAX = 2 * 1_048_576

/** Rejects when it could not be started. */
export async function runProcess(
  request: ProcessRequest,
  output: OutputCapture,
  clock: Clock,
  signal: StopSignal,
): Promise<ProcessEnd> {
  const { pipes } = request
  const [program, ...args] = request.line
  const child = spawn(program!, args, {
    cwd: request.cwd,
    env: request.env as NodeJS.ProcessEnv,
    // A session of its own: no terminal, and a group that can be signalled as one.
    detached: true,
    windowsHide: true,
    stdio: [request.stdin ?? 'ignore', pipes?.stdout.writer ?? 'pipe', pipes?.stderr.writer ?? 'pipe'],
  })
  pipes?.handedOver()
  const exited = exitOf(child)
  const pumps = [
    new Pump(pipes?.stdout.reader ?? child.stdout!, 'stdout', output),
    new Pump(pipes?.stderr.reader ?? child.stderr!, 'stderr', output),
  ]
  await started(child)
  request.onStarted()
  const stop = new Stop(child.pid!, request, clock)
  const cancel = (): void => stop.begin('cancelled')
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  try {
    const { exitCode, signal: endedBy } = await exited
    return { exitCode, signal: endedBy, stopped: stop.reason, killed: stop.killed }
  } finally {
    signal.removeEventListener('abort', cancel)
    stop.end()
    await drained(pumps, clock)
  }
}

type Exit = { readonly exitCode: number | null; readonly signal: string | null }

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
}

/** Reads no faster than the log takes it: the pipe fills, and the process waits. */
class Pump {
  readonly #from: Readable
  readonly done: Promise<void>
  /** It is the log that is waited for. */
  held = false
  /** Parts read so far. */
  parts = 0
  /** Bytes still to be read; null: the process goes on. */
  #left: number | null = null

  constructor(from: Readable, stream: 'stdout' | 'stderr', output: OutputCapture) {
    this.#from = from
    this.done = this.#run(stream, output)
  }

  tearDown(): void {
    this.#from.destroy()
  }

  /** The process has ended. */
  ending(): void {
    this.#left = DRAIN_BYTES_MAX
  }

  async #run(stream: 'stdout' | 'stderr', output: OutputCapture): Promise<void> {
    try {
      for await (const part of this.#from) {
        this.parts += 1
        if (this.#left !== null) this.#left -= (part as Buffer).length
        if ((this.#left ?? 0) < 0) return
        const wait = output.write(stream, part as Buffer)
        if (wait === null) continue
        this.held = true
        await wait
        this.held = false
      }
    } catch {
      // The pipe was torn down: there is no more to come.
    }
  }
}

async function drained(pumps: readonly Pump[], clock: Clock): Promise<void> {
  let cancel = (): void => undefined
  const count = (): number => pumps.reduce((sum, { parts }) => sum + parts, 0)
  let seen = count()
  let looks = 0
  for (const pump of pumps) pump.ending()
  const look = (): void => {
    cancel = clock.after(DRAIN_MAX_MS, () => {
      // Given up only where nothing has come for the whole time, though it would have been taken.
      const now = count()
      const held = pumps.some((pump) => pump.held)
      if (!held) looks += 1
      const moving = held || (now !== seen && looks < DRAIN_LOOKS_MAX)
      seen = now
      if (moving) return look()
      for (const pump of pumps) pump.tearDown()
    })
  }
  look()
  await Promise.all(pumps.map(({ done }) => done))
  cancel()
}

/** The way to the end: asked, then forced. */
class Stop {
  readonly #leader: number
  readonly #request: ProcessRequest
  readonly #clock: Clock
  #cancelTimer: () => void = () => undefined
  #endsAt: number
  reason: StopReason | null = null
  killed = false

  constructor(leader: number, request: ProcessRequest, clock: Clock) {
    this.#leader = leader
    this.#request = request
    this.#clock = clock
    this.#endsAt = clock.monotonic() + (request.timeoutMs ?? 0)
    if (request.timeoutMs !== null) this.#untilTimeIsUp()
    request.beats.start(this)
  }

  extend(ms: number): void {
    this.#endsAt = Math.max(this.#endsAt, this.#clock.monotonic() + ms)
  }

  silent(): void {
    this.begin('silent')
  }

  begin(reason: StopReason): void {
    if (this.reason !== null) return
    this.reason = reason
    this.#request.beats.stop()
    signalGroup(this.#leader, 'SIGTERM')
    this.#in(this.#request.killAfterMs, () => {
      this.killed = true
      this.#kill()
    })
  }

  /** The process has ended; what it left behind follows. */
  end(): void {
    this.#cancelTimer()
    this.#request.beats.stop()
    if (!this.#request.sealed) this.#kill()
  }

  /** It may have asked for more time a moment ago. */
  #untilTimeIsUp(): void {
    this.#in(this.#endsAt - this.#clock.monotonic(), () => {
      this.#request.beats.look(this)
      if (this.#endsAt > this.#clock.monotonic()) this.#untilTimeIsUp()
      else this.begin('timeout')
    })
  }

  #kill(): void {
    signalGroup(this.#leader, 'SIGKILL')
    if (!this.#request.sealed) killMarked(this.#request.mark)
  }

  /** Timers have a longest wait; a deadline may be days away. */
  #in(ms: number, act: () => void): void {
    const at = this.#clock.monotonic() + ms
    this.#cancelTimer()
    const wait = (): void => {
      const left = at - this.#clock.monotonic()
      if (left <= 0) act()
      else this.#cancelTimer = this.#clock.after(left, wait)
    }
    wait()
  }
}
