// May this caller do that, there? Every command asks here first; the answer without a rule is no.

import { type Action, ruleOf } from '../domain/actions.ts'
import type { Principal, Scope } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'

/** What it is to be done to. Things that belong to no project are not named here. */
export type Resource = {
  /** null: of all projects. */
  readonly projectId: string | null
  /** What it is called where it is said not to be there. */
  readonly what: string
  readonly name?: string
}

/** Other projects' things do not exist for the caller: what is not visible is not found. */
export function authorize(who: Principal, action: Action, resource: Resource | null = null): void {
  const { needs, everywhere } = ruleOf(action)
  if (needs !== 'open' && needs !== 'any_key' && !holds(who, needs)) {
    throw new AppError(
      'forbidden',
      `This key lacks the scope ${needs}. Use a key that has it, or have one made.`,
    )
  }
  if (everywhere === true && who.projectIds !== null) {
    throw new AppError(
      'forbidden',
      'This concerns every project, and this key is for some only. It takes a key for all of them.',
    )
  }
  if (resource !== null) refuseUnseen(who, resource)
}

/** For finders, which do not know what it is looked up for. */
export function refuseUnseen(who: Principal, { projectId, what, name }: Resource): void {
  const seen = projectId === null ? who.projectIds === null : entersProject(who, projectId)
  if (!seen) throw notFound(what, name)
}

/** `admin` holds every scope but the agents' own; writing implies reading. */
export function holds(who: Principal, scope: Scope): boolean {
  if (who.scopes.includes(scope)) return true
  if (scope === 'agent') return false
  if (who.scopes.includes('admin')) return true
  if (scope === 'jobs:read') return who.scopes.includes('jobs:write')
  return scope === 'runs:read' && who.scopes.includes('runs:write')
}

export function entersProject(who: Principal, projectId: string): boolean {
  return who.projectIds === null || who.projectIds.includes(projectId)
}

/** What works for several projects is governed by whoever enters them all: an admin of some governs no others. */
export function governsProjects(who: Principal, projectIds: readonly string[] | null): boolean {
  if (who.projectIds === null) return true
  return projectIds?.every((id) => entersProject(who, id)) ?? false
}

export function notFound(what: string, name?: string): AppError {
  return new AppError(
    'not_found',
    name === undefined ? `There is no such ${what}.` : `There is no ${what} "${name}".`,
  )
}
