// The line of a far agent: the sdk over REST. Keys change while it speaks.

import type { Held } from '../ports/agent-store.ts'
import type { Work } from '../ports/work.ts'
import type * as wire from '../protocol/work.ts'
import { type CarillonClient, createClient } from '../sdk/index.ts'
import {
  type AgentLine,
  type Introduction,
  type LineReport,
  type LogName,
  type Offered,
  type Opened,
  refusalCode,
} from './agent-line.ts'
import { reportOf } from './report-of-outcome.ts'
import { workOf } from './work-of-item.ts'

/** Beyond the wait of a long poll. */
const SLACK_MS = 10_000
const TIMEOUT_MS = 15_000
/** For a chunk of a log that overtook the one it follows. */
const HOLD_MS = 5_000

export class RestLine implements AgentLine {
  readonly #url: string
  readonly #userAgent: string
  #client: CarillonClient
  #sessionId: string | null = null

  constructor(url: string, key: string, userAgent: string) {
    this.#url = url
    this.#userAgent = userAgent
    this.#client = this.#clientWith(key)
  }

  useKey(key: string): void {
    this.#client = this.#clientWith(key)
  }

  /** The secret of a new key; the old one works for a while more. */
  async rotate(): Promise<string> {
    return (await this.#client.work.rotate()).secret
  }

  async open(introduction: Introduction): Promise<Opened> {
    const { held, labels, ...rest } = introduction
    const body = { ...rest, labels: { ...labels }, held: held.map(toWire) }
    const { session, agent, leaseMs, attached } = await this.#client.work.open(body)
    this.#sessionId = session
    return { sessionId: session, name: agent.name, leaseMs, attached: attached.map(fromWire) }
  }

  async lease(...[sessionId, request, signal]: Parameters<AgentLine['lease']>): Promise<Offered> {
    const body = { ...request, stopping: [...request.stopping] }
    const options = { timeoutMs: request.waitMs + SLACK_MS, signal }
    const { works, stop, draining } = await this.#client.work.lease(sessionId, body, options)
    return { works: works.map((item) => workOf(item, sessionId)), stop, draining }
  }

  async beat(...[sessionId, held, told]: Parameters<AgentLine['beat']>): ReturnType<AgentLine['beat']> {
    const news = told.map(({ runId, fence, ...rest }) => ({ ...toWire({ runId, fence }), ...rest }))
    const { stop, gone } = await this.#client.work.beat(sessionId, held.map(toWire), { news })
    return { stop, gone: gone.map(fromWire) }
  }

  async report(sessionId: string, reports: readonly LineReport[]): Promise<void> {
    await this.#client.work.report(sessionId, reports.map(reportOf))
  }

  appendLog(log: LogName, sequence: number, frames: Uint8Array, early: boolean): Promise<void> {
    const options = early ? { holdMs: HOLD_MS } : {}
    return this.#client.work.appendLog(this.#openSession(), log, sequence, frames, options)
  }

  async script({ run }: Work): Promise<Uint8Array | null> {
    const held = { run: run.id, fence: run.fence }
    try {
      return await this.#client.work.script(this.#openSession(), held)
    } catch (error) {
      if (refusalCode(error) === 'not_found') return null
      throw error
    }
  }

  sealLog(log: LogName, chunks: number): Promise<void> {
    return this.#client.work.sealLog(this.#openSession(), log, chunks)
  }

  #openSession(): string {
    if (this.#sessionId === null) throw new Error('there is no session yet')
    return this.#sessionId
  }

  close(sessionId: string): Promise<void> {
    return this.#client.work.close(sessionId)
  }

  #clientWith(apiKey: string): CarillonClient {
    return createClient({
      url: this.#url,
      apiKey,
      userAgent: this.#userAgent,
      timeoutMs: TIMEOUT_MS,
      // The agent's own loops try again.
      retries: 0,
    })
  }
}

function toWire({ runId, fence }: Held): wire.Held {
  return { run: runId, fence }
}

function fromWire({ run, fence }: wire.Held): Held {
  return { runId: run, fence }
}
