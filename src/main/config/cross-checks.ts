// What only shows when the options are seen together, or is too particular for a kind of value.

import { isSealingKey, sealingKeysOf } from '../../adapters/system/key-ring.ts'
import { AddressRules } from '../../dispatch/address-rules.ts'
import { TrustedProxies } from '../../doors/http/trusted-proxies.ts'
import type { Config } from './config.ts'
import type { Notice, ReadFile } from './given.ts'
import { formatAddress } from './kinds.ts'
import { isLoopback } from './loopback.ts'

export const ADMIN_KEY_FILE = 'admin.key'
export const ADMIN_KEY_MIN = 8
export const ADMIN_KEY_GOOD = 24

export type Checked = { readonly problems: readonly Notice[]; readonly warnings: readonly Notice[] }

export type Origins = { readonly [K in keyof Config]: string }

export function crossCheck(config: Config, origins: Origins, readFile: ReadFile): Checked {
  const problems: Notice[] = []
  const warnings: Notice[] = []
  checkAdminKey(config, origins, problems, warnings)
  checkSecretKeys(config, origins, problems)
  checkLogins(config, origins, problems)
  checkListen(config, origins, readFile, problems, warnings)
  checkDoors(config, origins, problems)
  checkTexts(config, origins, problems)
  checkForeignAgents(config, origins, problems)
  checkNodeLease(config, origins, problems)
  checkScriptKeys(config, origins, problems)
  checkTargets(config, origins, problems)
  checkProxies(config, origins, problems)
  if (config.batchBodyLimitBytes < config.bodyLimitBytes) {
    problems.push({
      origin: origins.batchBodyLimitBytes,
      detail: 'batch-body-limit is smaller than body-limit',
    })
  }
  return { problems, warnings }
}

function checkAdminKey(config: Config, origins: Origins, problems: Notice[], warnings: Notice[]): void {
  const key = config.adminKey
  const origin = origins.adminKey
  if (key === null) return
  if (/[^\x21-\x7e]/.test(key)) {
    problems.push({
      origin,
      detail: 'holds characters that cannot travel in a header: use visible ASCII without spaces',
    })
  }
  if (key.length < ADMIN_KEY_MIN) {
    problems.push({
      origin,
      detail: `is too short: the admin key has at least ${ADMIN_KEY_MIN} characters, better ${ADMIN_KEY_GOOD}`,
    })
  } else if (key.length < ADMIN_KEY_GOOD) {
    warnings.push({
      origin,
      detail: `The admin key is short and may be guessed: use ${ADMIN_KEY_GOOD} characters or more.`,
    })
  }
}

function checkSecretKeys({ secretKeys }: Config, origins: Origins, problems: Notice[]): void {
  if (secretKeys === null) return
  const keys = sealingKeysOf(secretKeys)
  if (keys.length > 0 && keys.every(isSealingKey)) return
  problems.push({
    origin: origins.secretKeys,
    detail:
      'holds something that is no key of 32 bytes in base64 or hex. One is made by: openssl rand -base64 32',
  })
}

/** One heartbeat may be lost without the server being gone. */
function checkNodeLease(
  { nodeLeaseMs, nodeHeartbeatMs }: Config,
  origins: Origins,
  problems: Notice[],
): void {
  if (nodeHeartbeatMs === null || 2 * nodeHeartbeatMs <= nodeLeaseMs) return
  problems.push({
    origin: origins.nodeHeartbeatMs,
    detail: `${nodeHeartbeatMs} ms is more than half of node-lease, which is ${nodeLeaseMs} ms: shorten the one or lengthen the other`,
  })
}

function checkScriptKeys(config: Config, origins: Origins, problems: Notice[]): void {
  const { doorDcronScriptsAccessKey: access, doorDcronScriptsSecretKey: secret } = config
  if ((access === null) === (secret === null)) return
  const origin = access === null ? origins.doorDcronScriptsSecretKey : origins.doorDcronScriptsAccessKey
  problems.push({ origin, detail: 'is half of a pair: an access key and its secret are set together' })
}

/** One secret is for one client: shown to a second issuer it would be known to both. */
function checkLogins({ oidc, oidcClientSecret }: Config, origins: Origins, problems: Notice[]): void {
  if (oidcClientSecret === null || oidc.filter(({ login }) => login !== null).length === 1) return
  problems.push({
    origin: origins.oidcClientSecret,
    detail: 'is for one issuer with a `login` among those of `oidc`, and there is none, or several',
  })
}

/** Requests always need a key. Beyond this machine a key must exist before the first request can come. */
function checkListen(
  config: Config,
  origins: Origins,
  readFile: ReadFile,
  problems: Notice[],
  warnings: Notice[],
): void {
  if (isLoopback(config.listen.host)) return
  if (config.adminKey === null && !holdsAdminKey(config.dataDir, readFile)) {
    problems.push({
      origin: origins.listen,
      detail:
        `${formatAddress(config.listen)} can be reached from other machines, and no admin key exists yet. ` +
        'Set CARILLON_ADMIN_KEY or CARILLON_ADMIN_KEY_FILE, or start once on 127.0.0.1 to have one made',
    })
  }
  if (config.allowPrivateTargets) {
    warnings.push({
      origin: origins.allowPrivateTargets,
      detail:
        'Whoever may create jobs on this server can reach the private network it stands in: better name what is needed in targets-allow.',
    })
  }
}

const DOORS = [
  { listen: 'doorScheduleRsListen', anonymous: 'doorScheduleRsAnonymous' },
  { listen: 'doorScheduler0Listen', anonymous: null },
  { listen: 'doorSimpleSchedulerListen', anonymous: null },
  { listen: 'doorDcronListen', anonymous: 'doorDcronAnonymous' },
  { listen: 'doorTaskschedulerListen', anonymous: 'doorTaskschedulerAnonymous' },
] as const

/** The replaced systems often asked nobody for a key. On this machine that may stay so, when it is wished for. */
function checkDoors(config: Config, origins: Origins, problems: Notice[]): void {
  const taken = new Map([[formatAddress(config.listen), 'listen']])
  for (const { listen, anonymous } of DOORS) {
    const address = config[listen]
    if (address === null) continue
    const text = formatAddress(address)
    const other = address.port === 0 ? undefined : taken.get(text)
    if (other !== undefined) {
      problems.push({
        origin: origins[listen],
        detail: `${text} is the address of ${other} already: take another port`,
      })
    }
    taken.set(text, listen)
    if (anonymous !== null && config[anonymous] && !isLoopback(address.host)) {
      problems.push({
        origin: origins[anonymous],
        detail: `${text} can be reached from other machines: callers there show a key. Listen on 127.0.0.1 or leave this out`,
      })
    }
  }
}

function checkForeignAgents(config: Config, origins: Origins, problems: Notice[]): void {
  const origin = origins.doorTaskschedulerAgents
  for (const agent of config.doorTaskschedulerAgents) {
    if (/^https?:\/\/[^/?#]/.test(agent) && URL.canParse(agent) && !/[?#]/.test(agent)) continue
    problems.push({ origin, detail: `"${agent.slice(0, 100)}" is no address such as http://localhost:8081` })
  }
}

function holdsAdminKey(dataDir: string, readFile: ReadFile): boolean {
  try {
    return readFile(`${dataDir}/${ADMIN_KEY_FILE}`) !== null
  } catch {
    return false
  }
}

function checkTexts(config: Config, origins: Origins, problems: Notice[]): void {
  if (config.dataDir.trim() === '') problems.push({ origin: origins.dataDir, detail: 'names no directory' })
  if (!/^[^\p{Cc}]{1,200}$/u.test(config.nodeName) || config.nodeName.trim() === '') {
    problems.push({ origin: origins.nodeName, detail: 'has 1 to 200 visible characters' })
  }
}

/** By the reader of the address guard itself, so that what passes here is what it takes. */
function checkTargets(config: Config, origins: Origins, problems: Notice[]): void {
  for (const key of ['targetsAllow', 'targetsDeny', 'servicesAllow'] as const) {
    for (const rule of config[key]) {
      const detail = refusalOf(rule)
      if (detail !== null) problems.push({ origin: origins[key], detail })
    }
  }
}

function checkProxies(config: Config, origins: Origins, problems: Notice[]): void {
  const origin = origins.trustedProxies
  for (const proxy of config.trustedProxies) {
    try {
      new TrustedProxies([proxy])
      if (/\/0+$/.test(proxy)) problems.push({ origin, detail: `"${proxy}" is everybody: name the proxies` })
    } catch (error) {
      problems.push({ origin, detail: (error as Error).message })
    }
  }
}

function refusalOf(rule: string): string | null {
  try {
    new AddressRules({ allowPrivate: false, allow: [rule], deny: [] })
    return null
  } catch (error) {
    return (error as Error).message
  }
}
