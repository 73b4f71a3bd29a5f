// What time asks of an agent, put together: its life, its runner and the loops between them. The same inside a server and far
// away; only the line differs.

import { AgentLife, type AgentLifeOptions } from '../agent/agent-life.ts'
import type { AgentLine } from '../agent/agent-line.ts'
import type { ResultSpool } from '../agent/result-spool.ts'
import { Runner } from '../agent/runner.ts'
import type { News } from '../domain/news.ts'
import { Loop, type Tick } from '../engine/loop.ts'
import type { Clock } from '../ports/clock.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { Work } from '../ports/work.ts'

export type AgentEngineOptions = {
  readonly line: AgentLine
  readonly clock: Clock
  readonly spool: ResultSpool
  readonly dispatcher: Dispatcher
  readonly about: AgentLifeOptions['about']
  /** How long a stopping agent waits for what is under way. */
  readonly drainTimeoutMs: number
  readonly onOpen: AgentLifeOptions['onOpen']
  readonly onError: (where: string, error: unknown) => void
}

/** The longest rest of a loop that nobody has woken. */
const POLL_MS = 5_000

export class AgentEngine implements AsyncDisposable {
  readonly runner: Runner
  /** Resolves with the reason when there is no way on. */
  readonly ended: Promise<string>
  readonly #life: AgentLife
  readonly #options: AgentEngineOptions
  readonly #beatLoop: Loop
  readonly #pollLoop: Loop
  readonly #runnerLoop: Loop

  constructor(options: AgentEngineOptions) {
    const { line, clock, spool, dispatcher, about, onOpen, onError } = options
    const { promise, resolve } = Promise.withResolvers<string>()
    this.ended = promise
    this.#options = options
    const loop = (name: string, tick: Tick): Loop => new Loop({ name, clock, pollMs: POLL_MS, onError, tick })
    const nudge = { beat: () => this.#beatLoop.nudge(), poll: () => this.#pollLoop.nudge() }
    this.#life = new AgentLife({ line, clock, spool, about, nudge, onOpen, onEnd: resolve })
    this.runner = new Runner({
      source: this.#life,
      dispatcher,
      clock,
      slots: about.slots,
      nudge: () => this.#runnerLoop.nudge(),
      onDefect: (error) => onError('dispatch', error),
    })
    this.#life.connect(this.runner)
    this.#beatLoop = loop('beat', () => this.#life.beatTick())
    this.#pollLoop = loop('poll', () => this.#life.pollTick())
    this.#runnerLoop = loop('runner', async () => {
      const rest = await this.runner.tick()
      this.#life.slotsChanged()
      return rest
    })
  }

  /** What an attempt tells of itself. */
  hear(work: Work, news: News): void {
    this.#life.hear(work, news)
  }

  start(): void {
    for (const loop of [this.#beatLoop, this.#pollLoop, this.#runnerLoop]) loop.start()
  }

  /** Takes nothing new, lets what is under way end, reports, and gives up the rest. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using end = new AsyncDisposableStack()
    end.defer(() => this.#life.close())
    end.use(this.#beatLoop)
    end.use(this.#runnerLoop)
    end.defer(() => this.runner.drain(this.#options.drainTimeoutMs))
    end.use(this.#pollLoop)
    end.defer(() => this.#life.stopPolling())
  }
}
