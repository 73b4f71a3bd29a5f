// What the tests of real processes are told with: an executor on this machine, a log that is kept, works in one line.

import { readdirSync, readFileSync } from 'node:fs'
import { createCommandDispatcher } from '../../src/dispatch/command-dispatcher.ts'
import { type Containment, probeContainment } from '../../src/dispatch/process/containment.ts'
import { type ExecutorOptions, ProcessExecutor } from '../../src/dispatch/process/process-executor.ts'
import { ScratchRoot } from '../../src/dispatch/process/scratch.ts'
import type { CommandTarget } from '../../src/domain/command-target.ts'
import type { JobSpec } from '../../src/domain/job.ts'
import type { LogStream } from '../../src/domain/log/log-frame.ts'
import type { Outcome, ProcessRecord } from '../../src/domain/outcome.ts'
import type { PolicySpec } from '../../src/domain/policy.ts'
import type { LogSink } from '../../src/ports/log-sink.ts'
import type { Work } from '../../src/ports/store.ts'
import { chance } from '../dispatch/support.ts'
import { Folder } from '../support/folder.ts'
import { systemClock } from '../support/system-clock.ts'

export const machine = await probeContainment()
export const grouped: Containment = { ...machine, kind: 'group' }

/** The ways this machine has to hold processes: the best it can, and the one that works everywhere. */
export const CONTAINMENTS: readonly Containment[] = machine.kind === 'group' ? [machine] : [machine, grouped]

export const NEEDS_LINUX = { skip: process.platform === 'linux' ? false : 'only Linux has it' }
export const NEEDS_ROOT = { skip: machine.isRoot && machine.tools.setpriv !== null ? false : 'only root can' }

/** A log in memory. `hold()` lets its writer wait. */
export class KeptLog implements LogSink {
  readonly parts: { stream: LogStream; bytes: Buffer }[] = []
  ended = false
  #gate: PromiseWithResolvers<void> | null = null
  #heard: (() => void)[] = []

  write(stream: LogStream, bytes: Uint8Array): Promise<void> | null {
    this.parts.push({ stream, bytes: Buffer.from(bytes) })
    for (const tell of this.#heard.splice(0)) tell()
    return this.#gate?.promise ?? null
  }

  async end(): Promise<void> {
    this.ended = true
  }

  hold(): void {
    this.#gate = Promise.withResolvers()
  }

  release(): void {
    this.#gate?.resolve()
    this.#gate = null
  }

  bytes(stream: LogStream): Buffer {
    return Buffer.concat(this.parts.filter((part) => part.stream === stream).map(({ bytes }) => bytes))
  }

  text(stream: LogStream = 'stdout'): string {
    return this.bytes(stream).toString()
  }

  /** Resolves when the process has said it. */
  async said(text: string): Promise<void> {
    while (!this.text('stdout').includes(text)) {
      await new Promise<void>((resolve) => this.#heard.push(resolve))
    }
  }
}

export type Told = { readonly outcome: Outcome; readonly process: ProcessRecord; readonly log: KeptLog }

export class Processes implements Disposable {
  readonly folder = new Folder()
  readonly scratch = new ScratchRoot()
  readonly containment: Containment
  onNews: NonNullable<ExecutorOptions['onNews']> = () => undefined
  around: Record<string, string | undefined> = { PATH: process.env['PATH'] }

  constructor(containment: Containment = machine) {
    this.containment = containment
  }

  [Symbol.dispose](): void {
    this.scratch[Symbol.dispose]()
    this.folder[Symbol.dispose]()
  }

  executor(log: LogSink): ProcessExecutor {
    const { containment, scratch, around } = this
    const onNews: ExecutorOptions['onNews'] = (work, news) => this.onNews(work, news)
    return new ProcessExecutor({
      clock: systemClock,
      containment,
      scratch,
      around,
      openLog: () => log,
      onNews,
    })
  }

  async run(target: CommandTarget, options: RunOptions = {}): Promise<Told> {
    return this.begin(target, options).ended
  }

  /** A line for bash, whose ways the tests lean on. */
  bash(line: string, rest: Partial<CommandTarget> = {}, options: RunOptions = {}): Promise<Told> {
    return this.run({ argv: ['bash', '-c', line], ...rest } as CommandTarget, options)
  }

  begin(target: CommandTarget, { policy = {}, work = {} }: RunOptions = {}): Begun {
    const log = new KeptLog()
    const abort = new AbortController()
    const dispatcher = createCommandDispatcher(this.executor(log))
    const ended = dispatcher
      .dispatch({ ...workOf(target, policy), ...work }, abort.signal)
      .then((dispatched) => {
        const outcome = dispatched as Outcome
        const process = 'process' in outcome && outcome.process !== undefined ? outcome.process : NO_PROCESS
        return { outcome, process, log }
      })
    return { log, abort, ended }
  }
}

export type RunOptions = { readonly policy?: PolicySpec; readonly work?: Partial<Work> }
export type Begun = {
  readonly log: KeptLog
  readonly abort: AbortController
  readonly ended: Promise<Told>
}

const NO_PROCESS: ProcessRecord = {
  exitCode: null,
  signal: null,
  output: '',
  outputBytes: 0,
  truncated: false,
}

export function workOf(command: CommandTarget, policy: PolicySpec = {}): Work {
  const spec = { name: 'job', labels: {}, schedule: {}, target: { command }, policy } as unknown as JobSpec
  const id = chance.id('run')
  const run = { id, jobId: 'job_1', trigger: 'schedule', dueAt: Date.UTC(2027, 0, 31), late: false, fence: 7 }
  return {
    run: { ...run, params: null } as Work['run'],
    spec,
    attempt: { number: 2, cause: 'first', startedAt: 0 },
  }
}

/** Processes of this machine whose command line holds this text. */
export function processesSaying(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLine(name).includes(text))
    .map(Number)
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
