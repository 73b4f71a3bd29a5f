// Every option of a server, in one table. From an option's name follow its flag (--data-dir), its environment
// variable (CARILLON_DATA_DIR) and its key in the configuration file (dataDir).

import { INTERPRETERS_DEFAULT } from '../../domain/script.ts'
import { blobPlace } from './blob-place.ts'
import { type Config, LOG_FORMATS, LOG_LEVELS } from './config.ts'
import { issuers } from './issuers.ts'
import * as kinds from './kinds.ts'
import type { Option, Surroundings } from './option.ts'
import { doorAnonymous, doorFileKey, doorListen } from './replaced/systems.ts'

export type OptionTable = { readonly [K in keyof Config]: Option<Config[K]> }

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const KIB = 1_024
const MIB = 1_024 * KIB

export const OPTIONS: OptionTable = {
  listen: {
    name: 'listen',
    kind: kinds.address,
    default: '127.0.0.1:8080',
    description: 'Where requests are taken. Port 0: any free one.',
  },
  dataDir: {
    name: 'data-dir',
    kind: kinds.path,
    default: './data',
    description: 'Where everything is kept. One server at a time may use it.',
  },
  store: {
    name: 'store',
    kind: kinds.storeAddress,
    default: null,
    defaultWords: 'SQLite in the data directory',
    description:
      'Where jobs and runs are kept: postgres://user@host/database for servers that share the work.',
  },
  storePassword: {
    name: 'store-password',
    kind: kinds.text,
    default: null,
    description: 'The password of the PostgreSQL user, where the address is not to hold it.',
    secret: true,
  },
  storeConnections: {
    name: 'store-connections',
    kind: kinds.integer(2, 500),
    default: '10',
    description: 'Connections to PostgreSQL at the same time, besides the few for leases and hints.',
  },
  storeTimeoutMs: {
    name: 'store-timeout',
    kind: kinds.duration(SECOND, HOUR),
    default: '15s',
    description: 'Deadline of one statement on PostgreSQL; then its connection is given up.',
  },
  blobs: {
    name: 'blobs',
    kind: blobPlace,
    default: null,
    defaultWords: '`blobs` in the data directory',
    description:
      'Where logs and scripts are kept: a directory, or s3://bucket?endpoint=…&region=… on an S3-compatible service.',
  },
  bus: {
    name: 'bus',
    kind: kinds.busAddress,
    default: null,
    description:
      'The message bus that message targets are published to: amqp://user@host/vhost, or amqps://… for TLS.',
  },
  busPassword: {
    name: 'bus-password',
    kind: kinds.text,
    default: null,
    description: 'The password of the user of the bus, where the address is not to hold it.',
    secret: true,
  },
  busRefreshMs: {
    name: 'bus-refresh',
    kind: kinds.duration(100, HOUR),
    default: '30s',
    description: 'How often servers work out anew which of them looks after which job of Simple Scheduler.',
  },
  busJobsMax: {
    name: 'bus-jobs-max',
    kind: kinds.integer(0, 1_000_000),
    default: '0',
    description: 'Jobs of Simple Scheduler that this server looks after; 0: no limit.',
  },
  busJobsPerProject: {
    name: 'bus-jobs-per-project',
    kind: kinds.integer(1, 1_000_000),
    default: '1000',
    description:
      'Jobs of Simple Scheduler that a project may have: each has four exchanges and three queues.',
  },
  busCleanupMs: {
    name: 'bus-cleanup',
    kind: kinds.duration(10, HOUR),
    default: '1s',
    description:
      'How often runs that are finished from outside, by workers on the bus or after an asynchronous call, are looked at for those that have fallen silent.',
  },
  adminKey: {
    name: 'admin-key',
    kind: kinds.text,
    default: null,
    defaultWords: 'made at the first start',
    description: 'The key that may do everything. At least 8 characters, better 24 or more.',
    secret: true,
  },
  keyLifetimeMs: {
    name: 'key-lifetime',
    kind: kinds.duration(MINUTE, 3_650 * 24 * HOUR),
    default: null,
    defaultWords: 'none: until it is revoked',
    description: 'How long a new key works that says nothing of its end.',
  },
  keyLifetimeMaxMs: {
    name: 'key-lifetime-max',
    kind: kinds.duration(MINUTE, 3_650 * 24 * HOUR),
    default: null,
    defaultWords: 'none',
    description:
      'How long a new key may work at most. The admin key and those of agents and doors are not meant.',
  },
  secretKeys: {
    name: 'secret-keys',
    kind: kinds.text,
    default: null,
    defaultWords: '`secrets.key` in the data directory, made at the first start; with PostgreSQL none',
    description:
      'What secrets are sealed with: keys of 32 bytes in base64 or hex, by commas or lines. The first seals, all open.',
    secret: true,
  },
  oidc: {
    name: 'oidc',
    kind: issuers,
    default: '',
    description: 'Issuers whose tokens let in, and what their claims allow: see docs/access.md.',
  },
  oidcClientSecret: {
    name: 'oidc-client-secret',
    kind: kinds.text,
    default: null,
    description: 'What the issuer gave the client of `login` as its secret, where it has one.',
    secret: true,
  },
  publicUrl: {
    name: 'public-url',
    kind: kinds.url,
    default: null,
    defaultWords: 'the address listened on',
    description: 'The address under which people and callbacks reach this server.',
  },
  trustedProxies: {
    name: 'trusted-proxies',
    kind: kinds.list(1_000),
    default: '',
    description:
      'Addresses and CIDR blocks of the proxies in front, which are believed who calls and whether by TLS: X-Forwarded-For, X-Forwarded-Proto.',
  },
  nodeName: {
    name: 'node-name',
    kind: kinds.text,
    default: ({ hostname }) => hostname,
    defaultWords: 'the name of the machine',
    description: 'A label for this server in runs and logs.',
  },
  logLevel: {
    name: 'log-level',
    kind: kinds.choice(LOG_LEVELS),
    default: ({ mode }) => (mode === 'up' ? 'warn' : 'info'),
    defaultWords: 'info; warn for `up`',
    description: 'The least important log line that is still written.',
  },
  logFormat: {
    name: 'log-format',
    kind: kinds.choice(LOG_FORMATS),
    default: ({ mode, terminal }) => (mode === 'up' || terminal ? 'pretty' : 'json'),
    defaultWords: 'json; pretty for `up` and on a terminal',
    description: 'Log lines for machines or for people. They go to standard error.',
  },
  retentionDays: {
    name: 'retention-days',
    kind: kinds.integer(1, 3_650),
    default: '30',
    description: 'Days a finished run stays in the ledger, unless its job or project says otherwise.',
  },
  drainTimeoutMs: {
    name: 'drain-timeout',
    kind: kinds.duration(0, HOUR),
    default: '30s',
    description: 'How long a stopping server waits for attempts under way.',
  },
  stopNoticeMs: {
    name: 'stop-notice',
    kind: kinds.duration(0, MINUTE),
    default: null,
    defaultWords: '0s; 2s on a store that servers share',
    description:
      'How long a stopping server still answers after /readyz says no, so that balancers leave it.',
  },
  slots: {
    name: 'slots',
    kind: kinds.integer(1, 65_536),
    default: '1024',
    description:
      'Attempts under way at the same time. Up to 64 runs that leave in one batch, and 8 messages, share one.',
  },
  agentSlots: {
    name: 'agent-slots',
    kind: kinds.integer(0, 1_024),
    default: ({ mode }) => (mode === 'up' ? '8' : '0'),
    defaultWords: '0; 8 for `up`',
    description:
      'Commands and scripts this server carries out itself at the same time. 0: agents elsewhere do.',
  },
  agentLeaseMs: {
    name: 'agent-lease',
    kind: kinds.duration(2 * SECOND, 10 * MINUTE),
    default: '30s',
    description: 'Without a word from it for so long an agent is gone, and what it held is lost.',
  },
  interpreters: {
    name: 'interpreters',
    kind: kinds.list(100),
    default: INTERPRETERS_DEFAULT.join(','),
    description: 'Interpreters that jobs may run scripts by. Names, no paths.',
  },
  connectionsPerOrigin: {
    name: 'connections-per-origin',
    kind: kinds.integer(1, 4_096),
    default: '128',
    description: 'Connections open to one target host at the same time.',
  },
  plannerBatch: {
    name: 'planner-batch',
    kind: kinds.integer(1, 10_000),
    default: '1000',
    description: 'Due jobs planned in one transaction.',
  },
  pollIntervalMs: {
    name: 'poll-interval',
    kind: kinds.duration(10, MINUTE),
    default: '1s',
    description: 'The longest time until due work is looked for again, should a hint be lost.',
  },
  nodeLeaseMs: {
    name: 'node-lease',
    kind: kinds.duration(SECOND, 10 * MINUTE),
    default: '6s',
    description:
      'On PostgreSQL: a server that has not been heard of for so long is gone, and others take over what it had.',
  },
  nodeHeartbeatMs: {
    name: 'node-heartbeat',
    kind: kinds.duration(100, 5 * MINUTE),
    default: null,
    defaultWords: 'a third of node-lease',
    description: 'On PostgreSQL: how often a server says that it is there. At most half of node-lease.',
  },
  memoryLimitBytes: {
    name: 'memory-limit',
    kind: kinds.size(0, 1_024 * 1_024 * MIB),
    default: '0',
    description:
      'Memory of this process of which 70 % may be used: above that no new work is taken. 0: no limit.',
  },
  allowPrivateTargets: {
    name: 'allow-private-targets',
    kind: kinds.boolean,
    default: ({ mode }) => String(mode === 'up'),
    defaultWords: 'false; true for `up`',
    description: 'May jobs and callbacks call loopback and private addresses?',
  },
  targetsAllow: {
    name: 'targets-allow',
    kind: kinds.list(1_000),
    default: '',
    description: 'Hosts, *.suffixes, addresses and CIDR blocks that may be called although they are private.',
  },
  targetsDeny: {
    name: 'targets-deny',
    kind: kinds.list(1_000),
    default: '',
    description: 'Hosts, *.suffixes, addresses and CIDR blocks that are never called.',
  },
  servicesAllow: {
    name: 'services-allow',
    kind: kinds.list(1_000),
    default: '',
    description:
      'The same for services the server itself uses (blobs on S3): what is private and named here, jobs still may not call.',
  },
  callbackTimeoutMs: {
    name: 'callback-timeout',
    kind: kinds.duration(100, 10 * MINUTE),
    default: '10s',
    description: 'Deadline of one try to deliver a callback, unless the callback says otherwise.',
  },
  callbackRetryDelaysMs: {
    name: 'callback-retry-delays',
    kind: kinds.durations(20, 0, 24 * HOUR),
    default: '1s,5s,30s',
    description: 'Waits before further tries of a callback, unless the callback says otherwise.',
  },
  bodyLimitBytes: {
    name: 'body-limit',
    kind: kinds.size(KIB, 64 * MIB),
    default: '2MiB',
    description: 'The largest request body.',
  },
  batchBodyLimitBytes: {
    name: 'batch-body-limit',
    kind: kinds.size(KIB, 512 * MIB),
    default: '32MiB',
    description: 'The largest body of a request for many jobs at once.',
  },
  rateLimitPerMinute: {
    name: 'rate-limit',
    kind: kinds.integer(0, 10_000_000),
    default: '60000',
    description: 'Requests a minute for each key; 0: no limit.',
  },
  requireIfMatch: {
    name: 'require-if-match',
    kind: kinds.boolean,
    default: 'false',
    description:
      'Refuse (428) changes by PUT and PATCH of what has versions that do not name one in If-Match; `*` is any.',
  },
  eventsClientsMax: {
    name: 'events-clients-max',
    kind: kinds.integer(0, 100_000),
    default: '500',
    description:
      'Callers that follow live events at the same time, half of them with one key at most; as many again may follow logs.',
  },
  doorScheduleRsListen: doorListen('schedule-rs'),
  doorScheduleRsAnonymous: doorAnonymous('schedule-rs'),
  doorScheduleRsKey: {
    name: 'doors-schedule-rs-key',
    kind: kinds.text,
    default: null,
    description: 'A key for clients of schedule-rs: it may read and write jobs and runs of their project.',
    secret: true,
  },
  doorScheduler0Listen: doorListen('scheduler0'),
  doorScheduler0TimeoutMs: {
    name: 'doors-scheduler0-timeout',
    kind: kinds.duration(100, HOUR),
    default: '30s',
    description: 'Deadline of one callback of a job that came by the door of scheduler0.',
  },
  doorScheduler0RetryMax: {
    name: 'doors-scheduler0-retry-max',
    kind: kinds.integer(0, 100),
    default: '10',
    description: 'Further tries of such a callback.',
  },
  doorScheduler0RetryDelayMs: {
    name: 'doors-scheduler0-retry-delay',
    kind: kinds.duration(0, 24 * HOUR),
    default: '1s',
    description: 'The wait before each further try.',
  },
  doorScheduler0PayloadBytes: {
    name: 'doors-scheduler0-payload-limit',
    kind: kinds.size(KIB, 16 * MIB),
    default: '2MiB',
    description: 'Bytes of one callback; what exceeds it goes out in several.',
  },
  doorSimpleSchedulerListen: doorListen('simple-scheduler'),
  doorDcronListen: doorListen('dcron'),
  doorDcronAnonymous: doorAnonymous('dcron'),
  doorDcronScripts: {
    name: 'doors-dcron-scripts',
    kind: blobPlace,
    default: null,
    description:
      'Where clients of dcron put their scripts: s3://rust-s3?endpoint=…&region=…, or a directory. Without it they name uploaded scripts.',
  },
  doorDcronScriptsAccessKey: {
    name: 'doors-dcron-scripts-access-key',
    kind: kinds.text,
    default: null,
    defaultWords: '`AWS_ACCESS_KEY_ID`',
    description: 'The access key of the storage of these scripts, where it is not that of the blobs.',
  },
  doorDcronScriptsSecretKey: {
    name: 'doors-dcron-scripts-secret-key',
    kind: kinds.text,
    default: null,
    defaultWords: '`AWS_SECRET_ACCESS_KEY`',
    description: 'The secret that belongs to that access key.',
    secret: true,
  },
  doorTaskschedulerListen: doorListen('taskscheduler'),
  doorTaskschedulerAnonymous: doorAnonymous('taskscheduler'),
  doorTaskschedulerAgents: {
    name: 'doors-taskscheduler-agents',
    kind: kinds.list(1_000),
    default: '',
    description:
      'Agents of taskscheduler that its tasks are handed to, as http://host:8081. Without them all agents of this server carry them out.',
  },
}

export const OPTION_KEYS = Object.keys(OPTIONS) as readonly (keyof Config)[]

export function defaultText(option: Option<never>, around: Surroundings): string | null {
  return typeof option.default === 'function' ? option.default(around) : option.default
}

export function envName(name: string): string {
  return `CARILLON_${name.replaceAll('-', '_').toUpperCase()}`
}

export function fileKey(name: string): string {
  return doorFileKey(name) ?? name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
