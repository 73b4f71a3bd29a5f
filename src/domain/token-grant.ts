// What a token of a trusted issuer lets its bearer do: the first grant whose conditions its claims meet, and nothing else. One
// grant, not their sum: a role in one project and another in a second do not add up to both in each.

import { SCOPES, type Scope } from './api-key.ts'

export type Claims = Readonly<Record<string, unknown>>

export type Grant = {
  /** Claim → values of which it must be, or contain, one. A value may end with `*`. */
  readonly when: Readonly<Record<string, readonly string[]>>
  readonly scopes: readonly Scope[]
  /** A claim whose words are scopes, as `scope` is in OAuth; null: none. */
  readonly scopesFrom: string | null
  /** Names or ids; null: all, unless `projectsFrom` names a claim that lists them. */
  readonly projects: readonly string[] | null
  readonly projectsFrom: string | null
}

export type Granted = { readonly scopes: readonly Scope[]; readonly projects: readonly string[] | null }

/** Projects that one token can name. */
export const TOKEN_PROJECTS_MAX = 100

/** An issuer hands these out on a client's wish; what governs everything is given by a grant that says so. */
const SCOPES_OF_CLAIMS: readonly Scope[] = SCOPES.filter((scope) => scope !== 'admin' && scope !== 'agent')

/** null: nothing is granted. */
export function grantOf(claims: Claims, grants: readonly Grant[]): Granted | null {
  const grant = grants.find(({ when }) =>
    Object.entries(when).every(([claim, values]) => meets(claimTexts(claims, claim), values)),
  )
  if (grant === undefined) return null
  const words = grant.scopesFrom === null ? [] : claimTexts(claims, grant.scopesFrom)
  const worded = words.flatMap((text) => text.split(' '))
  const scopes = [...new Set([...grant.scopes, ...SCOPES_OF_CLAIMS.filter((one) => worded.includes(one))])]
  const projects =
    grant.projectsFrom === null
      ? grant.projects
      : claimTexts(claims, grant.projectsFrom).slice(0, TOKEN_PROJECTS_MAX)
  return scopes.length === 0 || projects?.length === 0 ? null : { scopes, projects }
}

function meets(texts: readonly string[], values: readonly string[]): boolean {
  return texts.some((text) =>
    values.some((value) => (value.endsWith('*') ? text.startsWith(value.slice(0, -1)) : text === value)),
  )
}

/** A claim by its name, or by a path (`realm_access.roles`): what it says, as texts. */
export function claimTexts(claims: Claims, path: string): readonly string[] {
  const value = Object.hasOwn(claims, path) ? claims[path] : below(claims, path.split('.'))
  return (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
    typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? [String(one)] : [],
  )
}

function below(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return below((value as Record<string, unknown>)[name], rest)
}
