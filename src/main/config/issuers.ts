// The issuers a server trusts: a list of maps in the file, the same as JSON elsewhere. What is not understood is refused, as a
// misspelt condition would let in more than was meant.

import { SCOPES, type Scope } from '../../domain/api-key.ts'
import { formatDuration, parseDuration } from '../../domain/duration.ts'
import { isRole, ROLES } from '../../domain/roles.ts'
import { type Grant, TOKEN_PROJECTS_MAX } from '../../domain/token-grant.ts'
import type { Login, TerminalLogin, TrustedIssuer } from '../../ports/issuers.ts'
import type { Kind } from './kinds.ts'
import { isLoopback } from './loopback.ts'

export const OIDC_LIMITS = {
  issuersMax: 20,
  grantsMax: 200,
  valuesMax: 100,
  textMax: 500,
  clockToleranceDefaultMs: 30_000,
  clockToleranceMaxMs: 5 * 60_000,
  visitDefaultMs: 12 * 3_600_000,
  visitMaxMs: 7 * 86_400_000,
} as const

/** Signatures that only the issuer can make: neither none, nor those by a secret both sides know. */
export const TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const
const ALGORITHMS_DEFAULT = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const

const SCOPE_NAMES = SCOPES.filter((scope) => scope !== 'agent')
const GRANT_DEFAULT: Grant = { when: {}, scopes: [], scopesFrom: 'scope', projects: null, projectsFrom: null }

const MEMBERS = ['issuer', 'audience', 'algorithms', 'clockTolerance', 'grants', 'login', 'terminal']
const LOGIN_SCOPES = ['openid', 'profile', 'email']
const TERMINAL_SCOPES = ['openid', 'offline_access']

class Refused extends Error {}

export const issuers: Kind<readonly TrustedIssuer[]> = {
  placeholder: 'list of issuers',
  structured: true,
  read(text) {
    if (text.trim() === '') return { value: [] }
    try {
      return { value: readIssuers(parsed(text)) }
    } catch (error) {
      if (error instanceof Refused) return { detail: error.message }
      throw error
    }
  },
  write: (value) => (value.length === 0 ? '' : JSON.stringify(value.map(written))),
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused('is a list of issuers as JSON: [{"issuer": "https://…", "audience": "carillon"}]')
  }
}

function readIssuers(value: unknown): TrustedIssuer[] {
  const list = many(value, 'the list', OIDC_LIMITS.issuersMax)
  const read = list.map((one, n) => readIssuer(map(one, `[${n}]`), `[${n}]`))
  read.forEach(({ issuer }, n) => {
    const first = read.findIndex((other) => other.issuer === issuer)
    if (first !== n) throw new Refused(`[${n}].issuer stands at [${first}] already`)
  })
  return read
}

function readIssuer(given: Record<string, unknown>, at: string): TrustedIssuer {
  known(given, MEMBERS, at)
  const issuer = text(given.issuer, `${at}.issuer`)
  if (!isSafe(issuer))
    throw new Refused(`${at}.issuer is an https:// address without a query, as its tokens name it`)
  const audience = texts(given.audience, `${at}.audience`)
  if (audience.length === 0) {
    throw new Refused(`${at}.audience is missing: a token for somebody else would open this server too`)
  }
  const algorithms =
    given.algorithms === undefined ? ALGORITHMS_DEFAULT : texts(given.algorithms, `${at}.algorithms`)
  for (const one of algorithms) oneOf(one, TOKEN_ALGORITHMS, `${at}.algorithms`)
  if (algorithms.length === 0) throw new Refused(`${at}.algorithms is empty`)
  const grants = given.grants === undefined ? null : many(given.grants, `${at}.grants`, OIDC_LIMITS.grantsMax)
  return {
    issuer,
    audience,
    algorithms,
    clockToleranceMs: durationOf(
      given.clockTolerance,
      `${at}.clockTolerance`,
      OIDC_LIMITS.clockToleranceDefaultMs,
      OIDC_LIMITS.clockToleranceMaxMs,
    ),
    grants: grants?.map((one, n) => readGrant(map(one, `${at}.grants[${n}]`), `${at}.grants[${n}]`)) ?? [
      GRANT_DEFAULT,
    ],
    login: given.login === undefined ? null : readLogin(map(given.login, `${at}.login`), `${at}.login`),
    terminal:
      given.terminal === undefined
        ? null
        : readTerminal(map(given.terminal, `${at}.terminal`), `${at}.terminal`),
  }
}

function readGrant(given: Record<string, unknown>, at: string): Grant {
  known(given, ['when', 'roles', 'scopes', 'scopesFrom', 'projects', 'projectsFrom'], at)
  const roles = texts(given.roles, `${at}.roles`)
  const ofRoles = roles.flatMap((role): readonly Scope[] => {
    if (!isRole(role))
      throw new Refused(`${at}.roles has "${role}": roles are ${Object.keys(ROLES).join(', ')}`)
    return ROLES[role]
  })
  const named = texts(given.scopes, `${at}.scopes`).map((scope) => oneOf(scope, SCOPE_NAMES, `${at}.scopes`))
  const scopesFrom = given.scopesFrom === undefined ? null : text(given.scopesFrom, `${at}.scopesFrom`)
  const scopes = [...new Set([...ofRoles, ...named])]
  if (scopes.length === 0 && scopesFrom === null) {
    throw new Refused(
      `${at} grants nothing: it names roles, scopes, or the claim that has scopes (scopesFrom)`,
    )
  }
  const projects = given.projects === undefined ? null : texts(given.projects, `${at}.projects`)
  const projectsFrom =
    given.projectsFrom === undefined ? null : text(given.projectsFrom, `${at}.projectsFrom`)
  if (projects !== null && projectsFrom !== null) {
    throw new Refused(`${at} has projects and projectsFrom: one of them says where it holds`)
  }
  if (projects?.length === 0) throw new Refused(`${at}.projects is empty: leave it out to grant all projects`)
  if ((projects?.length ?? 0) > TOKEN_PROJECTS_MAX) {
    throw new Refused(`${at}.projects has more than ${TOKEN_PROJECTS_MAX} projects`)
  }
  const when = Object.entries(given.when === undefined ? {} : map(given.when, `${at}.when`)).map(
    ([claim, values]) => {
      const read = texts(values, `${at}.when.${claim}`)
      if (read.length === 0) throw new Refused(`${at}.when.${claim} has no value, so nothing could meet it`)
      return [claim, read] as const
    },
  )
  return { when: Object.fromEntries(when), scopes, scopesFrom, projects, projectsFrom }
}

function readLogin(given: Record<string, unknown>, at: string): Login {
  known(given, ['clientId', 'title', 'scopes', 'visit'], at)
  const { visitDefaultMs, visitMaxMs } = OIDC_LIMITS
  const scopes = given.scopes === undefined ? LOGIN_SCOPES : texts(given.scopes, `${at}.scopes`)
  if (!scopes.includes('openid'))
    throw new Refused(`${at}.scopes lacks "openid", without which nobody is named`)
  return {
    clientId: text(given.clientId, `${at}.clientId`),
    title: given.title === undefined ? null : text(given.title, `${at}.title`),
    scopes,
    visitMs: durationOf(given.visit, `${at}.visit`, visitDefaultMs, visitMaxMs),
  }
}

function readTerminal(given: Record<string, unknown>, at: string): TerminalLogin {
  known(given, ['clientId', 'scopes', 'resource'], at)
  return {
    clientId: text(given.clientId, `${at}.clientId`),
    scopes: given.scopes === undefined ? TERMINAL_SCOPES : texts(given.scopes, `${at}.scopes`),
    resource: given.resource === undefined ? null : text(given.resource, `${at}.resource`),
  }
}

function written({ clockToleranceMs, grants, login, terminal, ...issuer }: TrustedIssuer): object {
  const plain = grants.map(({ scopesFrom, projects, projectsFrom, ...grant }) => ({
    ...grant,
    ...(scopesFrom === null ? {} : { scopesFrom }),
    ...(projects === null ? {} : { projects }),
    ...(projectsFrom === null ? {} : { projectsFrom }),
  }))
  return {
    ...issuer,
    clockTolerance: formatDuration(clockToleranceMs),
    grants: plain,
    ...(login === null ? {} : { login: writtenLogin(login) }),
    ...(terminal === null ? {} : { terminal: withoutNulls(terminal) }),
  }
}

function writtenLogin({ visitMs, ...login }: Login): object {
  return withoutNulls({ ...login, visit: formatDuration(visitMs) })
}

function withoutNulls(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
}

/** In clear only on this machine. */
function isSafe(issuer: string): boolean {
  const url = URL.parse(issuer)
  if (url === null || /[?#]/.test(issuer) || url.username !== '' || url.password !== '') return false
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
  )
}

function durationOf(value: unknown, at: string, defaultMs: number, maxMs: number): number {
  if (value === undefined) return defaultMs
  const ms = parseDuration(text(value, at))
  if (ms !== null && ms <= maxMs) return ms
  throw new Refused(`${at} is a duration up to ${formatDuration(maxMs)}, such as "30s"`)
}

function known(given: Record<string, unknown>, names: readonly string[], at: string): void {
  const other = Object.keys(given).find((name) => !names.includes(name))
  if (other !== undefined)
    throw new Refused(`${at} has "${other}", which it cannot: it has ${names.join(', ')}`)
}

function oneOf<T extends string>(value: string, all: readonly T[], at: string): T {
  const found = all.find((one) => one === value)
  if (found === undefined) throw new Refused(`${at} has "${value}", and can have ${all.join(', ')}`)
  return found
}

function map(value: unknown, at: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new Refused(`${at} is no map`)
}

function many(value: unknown, at: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new Refused(`${at} is no list`)
  if (value.length > max) throw new Refused(`${at} has more than ${max} entries`)
  return value
}

function text(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= OIDC_LIMITS.textMax) return value
  throw new Refused(`${at} is missing, or no text of up to ${OIDC_LIMITS.textMax} characters`)
}

/** One text, or several; none where it is left out. */
function texts(value: unknown, at: string): string[] {
  if (value === undefined) return []
  const list = Array.isArray(value) ? many(value, at, OIDC_LIMITS.valuesMax) : [value]
  return list.map((one) => text(typeof one === 'boolean' || typeof one === 'number' ? String(one) : one, at))
}
