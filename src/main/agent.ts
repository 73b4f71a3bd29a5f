// What a far agent is made of, top to bottom. It dials out and listens on nothing.

import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { lockDataDir } from '../adapters/sqlite/data-dir-lock.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import type { LocalPolicy } from '../agent/local-policy.ts'
import { LogSpool } from '../agent/log-spool.ts'
import { RestLine } from '../agent/rest-line.ts'
import { ResultSpool } from '../agent/result-spool.ts'
import type { Labels } from '../domain/agent.ts'
import type { News } from '../domain/news.ts'
import { Loop } from '../engine/loop.ts'
import type { Work } from '../ports/work.ts'
import { createClient } from '../sdk/index.ts'
import { type AgentCredential, readCredential, writeCredential } from './agent-credential.ts'
import { AgentEngine } from './agent-engine.ts'
import { openHands } from './agent-hands.ts'
import type { Logger } from './logger.ts'
import { userAgent, version } from './version.ts'

export type AgentConfig = {
  readonly server: string
  /** For the first start only. */
  readonly token: string | null
  readonly name: string | null
  readonly dataDir: string
  readonly labels: Labels
  readonly slots: number
  readonly policy: LocalPolicy
  readonly drainTimeoutMs: number
  readonly rotateEveryMs: number
}

export type RunningAgent = {
  readonly name: string
  /** Resolves with the reason when there is no way on. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

export class NotJoined extends Error {}

/** Output that waits on this disk for a server that is away; past this, processes wait too. */
const LOG_SPOOL_BYTES_MAX = 1_073_741_824
const ROTATE_LOOK_MS = 60_000

export async function startAgent(config: AgentConfig, logger: Logger): Promise<RunningAgent> {
  await using parts = new AsyncDisposableStack()
  const clock = systemClock
  const dataDir = resolve(config.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  parts.use(lockDataDir(dataDir))
  const credential = (await readCredential(dataDir)) ?? (await joinServer(config, dataDir))
  const line = new RestLine(config.server, credential.key, userAgent)
  const away = new AwayNotice(logger)
  const logs = new LogSpool({
    folder: join(dataDir, 'logs'),
    line,
    clock,
    bytesMax: LOG_SPOOL_BYTES_MAX,
    onGivenUp: (runId, error) => logger.error({ err: error, run: runId }, 'a log was given up'),
  })
  parts.defer(() => logs.close())
  const openLog = (work: Work) => logs.open(work)
  const fetchScript = (work: Work) => line.script(work)
  const onNews = (work: Work, news: News): void => engine.hear(work, news)
  const hands = parts.use(
    await openHands({ clock, dataDir, policy: config.policy, openLog, fetchScript, onNews }),
  )
  const engine: AgentEngine = parts.use(
    new AgentEngine({
      line,
      clock,
      spool: new ResultSpool(join(dataDir, 'results')),
      dispatcher: hands.dispatcher,
      about: {
        hostname: hostname(),
        pid: process.pid,
        version: version.version,
        labels: config.labels,
        slots: config.slots,
      },
      drainTimeoutMs: config.drainTimeoutMs,
      onOpen: (name, attached, gone) => {
        away.back()
        logs.ship()
        logger.info({ agent: name, attached, gone, containment: hands.containment.kind }, 'session open')
      },
      onError: (where, error) => away.said(where, error),
    }),
  )
  const keys = new KeyChanger(credential, dataDir, line, config.rotateEveryMs)
  const keyLoop = parts.use(
    new Loop({
      name: 'key',
      clock,
      pollMs: ROTATE_LOOK_MS,
      onError: (where, error) => away.said(where, error),
      tick: () => keys.tick(clock.now()),
    }),
  )
  engine.start()
  keyLoop.start()
  const kept = parts.move()
  return { name: credential.name, ended: engine.ended, stop: () => kept.disposeAsync() }
}

/** Uses the token up. What it is given for it is on disk before anything else happens. */
async function joinServer(config: AgentConfig, dataDir: string): Promise<AgentCredential> {
  if (config.token === null) {
    throw new NotJoined(
      `This agent has not joined yet: ${dataDir} holds no credential. Make a token with "carillon agent token create" and give it with --token.`,
    )
  }
  const client = createClient({ url: config.server, userAgent })
  const name =
    config.name ??
    hostname()
      .split('.')[0]!
      .replaceAll(/[^\w.-]/g, '-')
  const request = { token: config.token, name, hostname: hostname(), version: version.version }
  const { agent, secret } = await client.agents.join(request)
  const credential = {
    server: config.server,
    agentId: agent.id,
    name: agent.name,
    key: secret,
    madeAt: systemClock.now(),
  }
  await writeCredential(dataDir, credential)
  return credential
}

/** Gets a new key from time to time. The old one works for some minutes, should the new one not have been kept. */
class KeyChanger {
  #credential: AgentCredential
  readonly #dataDir: string
  readonly #line: RestLine
  readonly #everyMs: number

  constructor(credential: AgentCredential, dataDir: string, line: RestLine, everyMs: number) {
    this.#credential = credential
    this.#dataDir = dataDir
    this.#line = line
    this.#everyMs = everyMs
  }

  async tick(now: number): Promise<null> {
    if (now - this.#credential.madeAt < this.#everyMs) return null
    const key = await this.#line.rotate()
    this.#credential = { ...this.#credential, key, madeAt: now }
    await writeCredential(this.#dataDir, this.#credential)
    this.#line.useKey(key)
    return null
  }
}

/** A server that is away is said once, not at every try. */
class AwayNotice {
  readonly #logger: Logger
  #away = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  said(where: string, error: unknown): void {
    const { code, status } = error as { code?: unknown; status?: unknown }
    const away = status === 0 || status === 503 || code === 'overloaded'
    if (away && this.#away) return
    if (away) {
      this.#away = true
      this.#logger.warn(`the server does not answer; the work goes on: ${(error as Error).message}`)
    } else {
      this.#logger.error({ err: error }, where)
    }
  }

  back(): void {
    this.#away = false
  }
}
