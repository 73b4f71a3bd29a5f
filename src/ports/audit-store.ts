// Who did what: an entry for each change, written with it, and the chain that links them afterwards.

import type { Action } from '../domain/actions.ts'
import type { AuditDraft, AuditEntry } from '../domain/audit.ts'
import type { Page, PageRequest } from './page.ts'

export type AuditFilter = {
  readonly projectId?: string
  readonly action?: Action
  readonly actorId?: string
  readonly subject?: string
  /** At this moment or later. */
  readonly from?: number
  /** Before this moment. */
  readonly to?: number
}

export interface AuditStore {
  /**
   * Carries out a step of this store; the first transaction in it that does something writes the entry, in that same
   * transaction. One that is refused or loses its race writes none.
   */
  during<Result>(entry: AuditDraft, step: () => Promise<Result>): Promise<Result>
  /** A step that changes nothing here: it carries the entry of a change that was made outside this store. */
  note(): Promise<true>
  /** Newest first, linked or not. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>
  /** Linked entries after this one, in the order of the chain. */
  chain(after: number, limit: number): Promise<AuditEntry[]>
  /** Links up to `limit` entries that are not. Answers how many; several nodes at once make one chain. */
  link(limit: number): Promise<number>
}
