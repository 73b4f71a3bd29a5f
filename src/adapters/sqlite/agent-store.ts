// Everything about agents behind the port: each method one transaction.

import type { Agent, JoinToken } from '../../domain/agent.ts'
import type {
  AgentStore,
  AttemptTold,
  Held,
  JoinResult,
  NewAgent,
  WaitingPool,
} from '../../ports/agent-store.ts'
import type { Page, PageRequest, Work } from '../../ports/store.ts'
import type { Agents } from './agents.ts'
import type { PartClaimer } from './claim-parts.ts'
import type { PoolClaimer } from './claim-pools.ts'
import type { Database } from './database.ts'
import type { JoinTokens } from './join-tokens.ts'
import type { Keys } from './keys.ts'
import type { LateReports } from './late-reports.ts'
import type { Pools } from './pools.ts'
import type { AttemptTidings } from './tidings.ts'

type Parts = {
  readonly db: Database
  readonly agents: Agents
  readonly tokens: JoinTokens
  readonly keys: Keys
  readonly pools: Pools
  readonly claimer: PoolClaimer
  readonly late: LateReports
  readonly parts: PartClaimer
  readonly tidings: AttemptTidings
}

export class SqliteAgentStore implements AgentStore {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async addToken(token: JoinToken): Promise<void> {
    const { db, tokens } = this.#parts
    db.write(() => tokens.add(token))
  }

  async token(id: string): Promise<JoinToken | null> {
    const { db, tokens } = this.#parts
    return db.read(() => tokens.byId(id))
  }

  async tokens(page: PageRequest): Promise<Page<JoinToken>> {
    const { db, tokens } = this.#parts
    return db.read(() => tokens.page(page))
  }

  async endToken(id: string, now: number): Promise<boolean> {
    const { db, tokens } = this.#parts
    return db.write(() => tokens.end(id, now))
  }

  async join(...[hash, now, make]: Parameters<AgentStore['join']>): Promise<JoinResult> {
    const { db, tokens, agents, keys } = this.#parts
    return db.write<JoinResult>((abandon) => {
      const token = tokens.good(hash, now)
      if (token === null) return { kind: 'token_invalid' }
      const { agent, key } = make(token)
      if (!agents.add(agent)) return abandon({ kind: 'name_taken' })
      keys.insert(key)
      tokens.use(token.id, agent.id, now)
      return { kind: 'joined', agent: agents.get(agent.id)! }
    })
  }

  async ensure(agent: NewAgent): Promise<Agent | null> {
    const { db, agents } = this.#parts
    return db.write(() => {
      agents.add(agent)
      const found = agents.byName(agent.name)
      return found?.keyId === found?.id ? found : null
    })
  }

  async get(id: string): Promise<Agent | null> {
    return this.#parts.db.read(() => this.#parts.agents.get(id))
  }

  async byName(name: string): Promise<Agent | null> {
    return this.#parts.db.read(() => this.#parts.agents.byName(name))
  }

  async byKey(keyId: string): Promise<Agent | null> {
    return this.#parts.db.read(() => this.#parts.agents.byKey(keyId))
  }

  async list(page: PageRequest): Promise<Page<Agent>> {
    return this.#parts.db.read(() => this.#parts.agents.page(page))
  }

  async drain(id: string, draining: boolean): Promise<Agent | null> {
    return this.#parts.db.write(() => this.#parts.agents.drain(id, draining))
  }

  async remove(id: string, now: number): Promise<Agent | null> {
    return this.#parts.db.write(() => this.#parts.agents.remove(id, now))
  }

  async open(...args: Parameters<AgentStore['open']>): Promise<readonly Held[] | null> {
    return this.#parts.db.write(() => this.#parts.agents.open(...args))
  }

  async touch(...args: Parameters<AgentStore['touch']>): Promise<readonly string[]> {
    if (args[0].length === 0) return []
    return this.#parts.db.write(() => this.#parts.agents.touch(...args))
  }

  async spare(now: number, leaseMs: number): Promise<void> {
    this.#parts.db.write(() => this.#parts.agents.spare(now, leaseMs))
  }

  async stopping(): Promise<readonly string[]> {
    return this.#parts.db.read(() => this.#parts.agents.stopping())
  }

  async expected(now: number, limit: number, after = ''): Promise<readonly string[]> {
    return this.#parts.db.read(() => this.#parts.parts.expected(now, limit, after))
  }

  async isExpected(now: number, sessionId: string): Promise<boolean> {
    return this.#parts.db.read(() => this.#parts.parts.isExpected(now, sessionId))
  }

  async waiting(now: number, limit: number, after = 0): Promise<readonly WaitingPool[]> {
    const { db, claimer, pools } = this.#parts
    if (db.read(() => claimer.anyWaits)) db.write(() => claimer.release(now))
    return db.read(() => pools.waiting(now, limit, after))
  }

  async nextReadyAt(now: number): Promise<number | null> {
    return this.#parts.db.read(() => this.#parts.pools.nextReadyAt(now))
  }

  async claim(...args: Parameters<AgentStore['claim']>): ReturnType<AgentStore['claim']> {
    return this.#parts.db.write(() => this.#parts.claimer.claim(...args))
  }

  async keepLate(reports: Parameters<AgentStore['keepLate']>[0], now: number): Promise<void> {
    if (reports.length === 0) return
    const { db, late } = this.#parts
    db.write(() => {
      for (const { runId, fence, outcome, sessionId } of reports)
        late.writeFor(sessionId, runId, fence, outcome, now)
    })
  }

  async tell(batch: Parameters<AgentStore['tell']>[0], now: number): Promise<void> {
    if (batch.length === 0) return
    const { db, tidings } = this.#parts
    db.write(() => {
      for (const news of batch) tidings.keep(news, now)
    })
  }

  async told(runIds: readonly string[]): Promise<readonly AttemptTold[]> {
    return this.#parts.db.read(() => runIds.flatMap((id) => this.#parts.tidings.ofRun(id)))
  }

  async heldBy(sessionId: string, leasedBefore: number): Promise<readonly Work[]> {
    return this.#parts.db.read(() => this.#parts.claimer.heldBy(sessionId, leasedBefore))
  }

  async works(held: readonly Held[]): Promise<readonly (Work | null)[]> {
    return this.#parts.db.read(() => this.#parts.claimer.works(held))
  }
}
