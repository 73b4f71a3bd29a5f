// May this caller do that, there? Every command asks here first; the answer without a rule is no.

import type { Principal, Scope } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'

/** Other projects' things do not exist for the caller: what is not visible is not found. */
export function authorize(who: Principal, scope: Scope, projectId: string | null = null): void {
  if (!holds(who, scope)) {
    throw new AppError(
      'forbidden',
      `This key lacks the scope ${scope}. Use a key that has it, or have one made.`,
    )
  }
  if (projectId !== null && !entersProject(who, projectId)) throw notFound('thing')
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

export function notFound(what: string, name?: string): AppError {
  return new AppError(
    'not_found',
    name === undefined ? `There is no such ${what}.` : `There is no ${what} "${name}".`,
  )
}
