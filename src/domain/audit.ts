// Who changed what, when: one entry for each change that was asked for, written with it, never changed. Entries are linked:
// each holds a hash over itself and the one before it, so that none can be changed or taken out unnoticed.

import type { Action } from './actions.ts'

export type AuditDraft = {
  readonly id: string
  readonly at: number
  /** Who asked: a key, or somebody an issuer vouches for, and what they were called then. */
  readonly actorId: string
  readonly actorName: string
  readonly action: Action
  /** null: it concerns no project, or several. */
  readonly projectId: string | null
  /** What it was done to: an id, or a name within its project. */
  readonly subject: string | null
  /** What is worth knowing besides; never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}

export type AuditEntry = AuditDraft & {
  /** Its place in the chain, from 1; null: written a moment ago and not linked yet. */
  readonly link: number | null
  readonly hash: string | null
}

/** What the hash of the first link is made of besides itself. */
export const AUDIT_ROOT = '0'.repeat(64)

/** The text that is hashed (SHA-256) for a link. Every member in turn, so that nothing can be read in two ways. */
export function auditText(previous: string, link: number, draft: AuditDraft): string {
  const { id, at, actorId, actorName, action, projectId, subject, detail } = draft
  return JSON.stringify([previous, link, id, at, actorId, actorName, action, projectId, subject, detail])
}

/** Did a step of the store do what it was asked for? One that lost a race, or was refused, says so in its result. */
export function tookEffect(result: unknown): boolean {
  if (result === false || result === null || result === 0) return false
  if (typeof result === 'string') return !['absent', 'in_use', 'full', 'no_project'].includes(result)
  if (typeof result !== 'object') return true
  const { kind, nameTaken, changed, usedBy, gone = null } = result as Record<string, unknown>
  if (kind === 'names_taken' || kind === 'jobs_quota' || kind === 'name_taken' || kind === 'token_invalid')
    return false
  // A node that is gone stays as it is.
  if (nameTaken === true || changed === false || gone !== null) return false
  return !(Array.isArray(usedBy) && usedBy.length > 0)
}
