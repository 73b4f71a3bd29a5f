// What a server runs with: every value checked, every unit in its name. Made once, then never changed.

import type { TrustedIssuer } from '../../ports/issuers.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const LOG_FORMATS = ['json', 'pretty'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** `up`: a server to try things with on one's own machine. `server`: the one for keeps. */
export type Mode = 'up' | 'server'

export type Address = { readonly host: string; readonly port: number }

export type Config = {
  readonly listen: Address
  readonly dataDir: string
  /** The address of a PostgreSQL; null: SQLite in the data directory. */
  readonly store: string | null
  /** In place of the one in the address. */
  readonly storePassword: string | null
  readonly storeConnections: number
  readonly storeTimeoutMs: number
  /** A directory or an s3:// place (see blob-place.ts); null: `blobs` in the data directory. */
  readonly blobs: string | null
  /** The address of the message bus; null: there is none. */
  readonly bus: string | null
  /** In place of the one in the address. */
  readonly busPassword: string | null
  readonly busRefreshMs: number
  /** Jobs of Simple Scheduler that one node looks after; 0: no limit. */
  readonly busJobsMax: number
  readonly busJobsPerProject: number
  /** How often runs that workers have are looked at for silence. */
  readonly busCleanupMs: number
  /** null: the first start makes one and keeps it in the data directory. */
  readonly adminKey: string | null
  /** Of keys that say nothing of their end; null: they have none. */
  readonly keyLifetimeMs: number | null
  readonly keyLifetimeMaxMs: number | null
  /** What secrets are sealed with; null: made at the first start, beside SQLite only. */
  readonly secretKeys: string | null
  /** Whose tokens let in. */
  readonly oidc: readonly TrustedIssuer[]
  /** Of the client that people at the page come in as, where the issuer gave it one. */
  readonly oidcClientSecret: string | null
  readonly publicUrl: string | null
  readonly trustedProxies: readonly string[]
  readonly nodeName: string
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  readonly retentionDays: number
  readonly drainTimeoutMs: number
  /** How long a stopping server still answers. null: it depends on the store. */
  readonly stopNoticeMs: number | null
  /** Attempts under way at the same time on this node. */
  readonly slots: number
  readonly agentSlots: number
  readonly agentLeaseMs: number
  readonly interpreters: readonly string[]
  readonly connectionsPerOrigin: number
  /** Jobs planned in one transaction. */
  readonly plannerBatch: number
  readonly pollIntervalMs: number
  /** How long other nodes take this one's word that it lives. */
  readonly nodeLeaseMs: number
  /** How often it gives it; null: three times in that time. */
  readonly nodeHeartbeatMs: number | null
  /** Above 70 % of it this node takes no new work; 0: no limit. */
  readonly memoryLimitBytes: number
  readonly allowPrivateTargets: boolean
  /** Host names, "*.suffix" patterns, addresses and CIDR blocks. */
  readonly targetsAllow: readonly string[]
  readonly targetsDeny: readonly string[]
  /** Allowed for services that the server itself uses, and for nothing else. */
  readonly servicesAllow: readonly string[]
  readonly callbackTimeoutMs: number
  readonly callbackRetryDelaysMs: readonly number[]
  readonly bodyLimitBytes: number
  readonly batchBodyLimitBytes: number
  /** Requests a minute for each key; 0: no limit. */
  readonly rateLimitPerMinute: number
  readonly requireIfMatch: boolean
  readonly eventsClientsMax: number
  readonly doorScheduleRsListen: Address | null
  readonly doorScheduleRsAnonymous: boolean
  /** What clients of schedule-rs show as X-API-Key. */
  readonly doorScheduleRsKey: string | null
  readonly doorScheduler0Listen: Address | null
  /** Deadline of one callback, tries after the first and how long each waits, bytes of one callback. */
  readonly doorScheduler0TimeoutMs: number
  readonly doorScheduler0RetryMax: number
  readonly doorScheduler0RetryDelayMs: number
  readonly doorScheduler0PayloadBytes: number
  readonly doorSimpleSchedulerListen: Address | null
  readonly doorDcronListen: Address | null
  readonly doorDcronAnonymous: boolean
  /** Where its clients put their scripts: a place as `blobs` is one. null: they are uploaded as all others. */
  readonly doorDcronScripts: string | null
  /** The keys of that place; null: those of the environment, as for blobs. */
  readonly doorDcronScriptsAccessKey: string | null
  readonly doorDcronScriptsSecretKey: string | null
  readonly doorTaskschedulerListen: Address | null
  readonly doorTaskschedulerAnonymous: boolean
  /** Base addresses of foreign agents; none: our own carry its tasks out. */
  readonly doorTaskschedulerAgents: readonly string[]
}
