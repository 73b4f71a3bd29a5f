// What the core needs of a database for agents: who they are, their sessions, and the runs that wait for them.

import type { Agent, JoinToken, Labels } from '../domain/agent.ts'
import type { ApiKey } from '../domain/api-key.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Offer, Pool } from '../domain/pool.ts'
import type { FinalRun } from '../domain/run.ts'
import type { Tidings, Told } from './handed-store.ts'
import type { Page, PageRequest } from './page.ts'
import type { Work } from './work.ts'

/** An agent as it comes in; the rest is the session's to say. */
export type NewAgent = Pick<
  Agent,
  'id' | 'name' | 'keyId' | 'granted' | 'projectIds' | 'version' | 'hostname' | 'createdAt'
>

export type JoinResult =
  | { readonly kind: 'joined'; readonly agent: Agent }
  /** Unknown, used, or past its end. */
  | { readonly kind: 'token_invalid' }
  | { readonly kind: 'name_taken' }

/** An attempt by its run and fence. */
export type Held = { readonly runId: string; readonly fence: number }

/** What an attempt under way tells of itself. */
export type AttemptNews = Held & Tidings
export type AttemptTold = Held & Told & { readonly endsBy: number | null }

export type NewSession = {
  readonly id: string
  readonly agentId: string
  readonly hostname: string
  readonly pid: number
  readonly version: string
  readonly labels: Labels
  readonly slots: number
  /** What this agent still has of its earlier session: under way, or ended and not yet reported. */
  readonly held: readonly Held[]
}

/** A pool in which something is ready. `no` is good for claimPools only. */
export type WaitingPool = { readonly no: number; readonly pool: Pool }

export interface AgentStore {
  addToken(token: JoinToken): Promise<void>
  /** A used or ended one too. */
  token(id: string): Promise<JoinToken | null>
  /** Newest first. */
  tokens(page: PageRequest): Promise<Page<JoinToken>>
  /** From here on nobody comes in by it. false: no such token, or it was used or is over. */
  endToken(id: string, now: number): Promise<boolean>
  /** Uses the token up, and writes what `make` makes of it, in one transaction. */
  join(
    tokenHash: string,
    now: number,
    make: (token: JoinToken) => { readonly agent: NewAgent; readonly key: ApiKey },
  ): Promise<JoinResult>
  /** An agent inside a server: made when its name is new, else the one of that name. null: a far agent has the name. */
  ensure(agent: NewAgent): Promise<Agent | null>
  get(id: string): Promise<Agent | null>
  byName(name: string): Promise<Agent | null>
  byKey(keyId: string): Promise<Agent | null>
  list(page: PageRequest): Promise<Page<Agent>>
  /** null: no such agent. */
  drain(id: string, draining: boolean): Promise<Agent | null>
  /** It comes in no more: its session and its key end, its name is free. null: no such agent. */
  remove(id: string, now: number): Promise<Agent | null>

  /**
   * Opens a session, which ends the agent's older one. Of what the older one held, `held` goes over to the new one where
   * the fence is the live one; the rest is lost. Answers with what went over. null: no such agent.
   */
  open(session: NewSession, now: number, leaseMs: number): Promise<readonly Held[] | null>
  /** Renews leases. Answers with the sessions that still had theirs. */
  touch(sessionIds: readonly string[], now: number, leaseMs: number): Promise<readonly string[]>
  /** Sessions may not have been able to renew while no server was there: none lapses before now + leaseMs. */
  spare(now: number, leaseMs: number): Promise<void>
  /** Sessions of which a run is `cancelling`. */
  stopping(): Promise<readonly string[]>

  /**
   * Sessions of agents for which a part of a run waits: a part that nobody else may have. In order of their ids, those after
   * `after` (default: all), at most `limit`.
   */
  expected(now: number, limit: number, after?: string): Promise<readonly string[]>
  /** Is this one of them? */
  isExpected(now: number, sessionId: string): Promise<boolean>

  /** Pools in which a run or a part that any may have is ready, by their numbers, those after `after` (default: all), at most `limit`. */
  waiting(now: number, limit: number, after?: number): Promise<readonly WaitingPool[]>
  /** The smallest readyAt after `now` of a run that needs an agent. null: none waits for time. */
  nextReadyAt(now: number): Promise<number | null>
  /**
   * Leases ready runs of these pools to a session, oldest first, as many as it has slots, passing over those that
   * `mayTake` does not let it have. Ends overdue ones as missed. A run that several share is parted by the first that
   * comes: for `all` among the agents that are there then. While
   * `othersFree` (default: never) a session gets one part of a run at a time.
   */
  claim(
    request: {
      readonly now: number
      readonly sessionId: string
      readonly slots: number
      readonly pools: readonly number[]
    },
    mayTake: (offer: Offer, pool: number) => boolean,
    othersFree?: (pool: number) => boolean,
  ): Promise<{ works: Work[]; missed: FinalRun[] }>
  /** Reports that came too late are kept beside the attempts they tell of, if these were this agent's. */
  keepLate(
    reports: readonly (Held & { readonly outcome: Outcome; readonly sessionId: string })[],
    now: number,
  ): Promise<void>
  /** Kept as long as the attempt goes on; of one that is over, nothing is. */
  tell(batch: readonly AttemptNews[], now: number): Promise<void>
  /** What is told of attempts of these runs that go on, or went on before another of the same run. */
  told(runIds: readonly string[]): Promise<readonly AttemptTold[]>
  /** What a session holds since before then. */
  heldBy(sessionId: string, leasedBefore: number): Promise<readonly Work[]>
  /** In order of the input: the attempt under way of that run under that fence. null: it is over. */
  works(held: readonly Held[]): Promise<readonly (Work | null)[]>
}
