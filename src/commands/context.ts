// What every command may use. Composed once in main; a command never reaches past it.

import { INTERPRETERS_DEFAULT } from '../domain/script.ts'
import type { TargetRules } from '../domain/target-rules.ts'
import type { BlobStore } from '../ports/blob-store.ts'
import type { Chance } from '../ports/chance.ts'
import type { Clock } from '../ports/clock.ts'
import type { Events } from '../ports/events.ts'
import type { Issuers, Logins } from '../ports/issuers.ts'
import type { LogNews } from '../ports/log-news.ts'
import type { Store } from '../ports/store.ts'
import type { TokenMint } from '../ports/token-mint.ts'
import type { Vault } from '../ports/vault.ts'
import type { BusRoom } from './bus-room.ts'
import type { KnownProjects } from './known-projects.ts'
import type { LoginCookies } from './login-cookie.ts'
import type { RunTokens } from './run-token.ts'
import type { WaitingAgents } from './waiting-agents.ts'

/** Wakes the loops early; a hint that may be lost. */
export interface Nudge {
  planner(): void
  /** `stop`: runs that were replaced; whoever still carries one out is to break it off. */
  runner(stop?: readonly string[]): void
  courier(): void
  /** What is asked of a node may have changed. */
  node(): void
}

export type CommandLimits = {
  /** Jobs in one batch request. */
  readonly batchJobsMax: number
  /** Items of one page. */
  readonly pageMax: number
  /** Instants of one preview, ledger look ahead or why. */
  readonly previewMax: number
  /** What scripts may be run by. */
  readonly interpreters: readonly string[]
  /** Without a word from it for so long an agent is gone. */
  readonly agentLeaseMs: number
  /** How long a key works that says nothing of its end; null: until it is revoked. */
  readonly keyLifetimeMs: number | null
  /** The longest a key may work; null: as long as it is wished for. */
  readonly keyLifetimeMaxMs: number | null
}

export const COMMAND_LIMITS: CommandLimits = {
  batchJobsMax: 10_000,
  pageMax: 500,
  previewMax: 100,
  interpreters: INTERPRETERS_DEFAULT,
  agentLeaseMs: 30_000,
  keyLifetimeMs: null,
  keyLifetimeMaxMs: null,
}

export type Context = {
  readonly store: Store
  /** What is set for projects, without asking the store each time. */
  readonly projects: KnownProjects
  readonly blobs: BlobStore
  /** Where clients of replaced systems put the scripts they name. Absent: only uploaded scripts are there. */
  readonly foreignScripts?: Pick<BlobStore, 'get'>
  readonly logNews: LogNews
  /** Whose tokens let in besides our keys. Absent: nobody's. */
  readonly issuers?: Issuers
  /** By whom people come in at the page. Absent: by keys and links alone. */
  readonly logins?: { readonly from: Logins; readonly cookies: LoginCookies }
  /** What makes tokens for calls. Absent: nothing does. */
  readonly mint?: TokenMint
  /** What seals secrets; null or absent: secrets are refused. */
  readonly vault?: Vault | null
  readonly clock: Clock
  readonly chance: Chance
  readonly events: Events
  readonly nudge: Nudge
  readonly waiting: WaitingAgents
  readonly limits: CommandLimits
  /** With them receivers of asynchronous calls tell of their runs. */
  readonly runTokens: RunTokens
  /** May a request go there, as far as the text of the url tells? Names are checked again when they resolve. */
  readonly mayCall: (url: string, rules?: TargetRules) => boolean
  /** What is wrong with a rule of whom may be called; null: nothing. */
  readonly refusalOfRule: (rule: string) => string | null
  /** What to add to the configuration to allow a refused target. */
  readonly mayCallHint: string
  /** How many jobs of a project may have exchanges and queues of their own. Absent: there is no bus. */
  readonly busRoom?: BusRoom
  /** So many reports came too late: their fence was no longer the live one, and nothing was written. */
  readonly onStale?: (count: number) => void
}
