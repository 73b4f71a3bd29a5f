// Who may do something, and whose things they are: projects, keys, visits, and requests that are told once.

import type { ApiKey } from '../domain/api-key.ts'
import type { Project } from '../domain/project.ts'
import type { QuotaUsage } from '../domain/quotas.ts'
import type { Visit } from '../domain/visit.ts'
import type { Page, PageRequest } from './page.ts'

/** Marks a caller's retry of the same request; stored in the same transaction as what the request did. */
export type Once = {
  /** Who: one caller's keys never meet another's. */
  readonly scope: string
  readonly key: string
  /** Hash of the request; another hash under the same key is refused. */
  readonly hash: string
  /** What to answer to a repeat. */
  readonly result: unknown
  readonly at: number
}

export interface ProjectStore {
  add(project: Project): Promise<boolean>
  get(id: string): Promise<Project | null>
  byName(name: string): Promise<Project | null>
  /** Of each the project of that name, else of that id; each project once, and none for those that are not there. */
  named(names: readonly string[]): Promise<Project[]>
  list(page: PageRequest): Promise<Page<Project>>
  /** Of projects that have quotas, by name and at most `limit` of them: what of these is used now. */
  usage(
    now: number,
    limit: number,
  ): Promise<{ readonly name: string; readonly usage: readonly QuotaUsage[] }[]>
  /** Compare and set on version. false: another was faster. */
  update(project: Project): Promise<boolean>
  /** false: it still has jobs. */
  delete(id: string): Promise<boolean>
}

/** What is left out stays; `expiresAt` null: never. */
export type KeyChange = Partial<Pick<ApiKey, 'name' | 'scopes' | 'expiresAt'>>

export interface KeyStore {
  add(key: ApiKey, once?: Once): Promise<void>
  get(id: string): Promise<ApiKey | null>
  /** Also by the hash before its last rotation; until when that one counts is the caller's to judge. */
  byHash(hash: string): Promise<ApiKey | null>
  list(page: PageRequest): Promise<Page<ApiKey>>
  /** Replaces the stored key, whatever became of it. */
  update(key: ApiKey): Promise<boolean>
  /** Replaces the stored key. false: it was revoked, or there is none. */
  updateLive(key: ApiKey): Promise<boolean>
  /** Changes what is named and nothing else, whatever others change meanwhile. false: it was revoked, or there is none. */
  edit(id: string, change: KeyChange): Promise<boolean>
  /** Gives a key its new hash in place of `from`. false: it was revoked, rotated by somebody else, or there is none. */
  rotate(key: Pick<ApiKey, 'id' | 'hash' | 'hint' | 'previous'>, from: string): Promise<boolean>
  touch(id: string, now: number): Promise<void>
}

export interface VisitStore {
  /** May forget expired ones on the way. */
  add(visit: Visit): Promise<void>
  /** An expired one too, while it has not been forgotten. */
  byHash(hash: string): Promise<Visit | null>
  /** Takes the ticket away and adds the visit. false: no such ticket, or it was used or has expired by then. */
  exchange(ticketHash: string, visit: Visit): Promise<boolean>
  /** Expired ones too, while they have not been forgotten; no tickets. The newest first. */
  list(page: PageRequest): Promise<Page<Visit>>
  get(id: string): Promise<Visit | null>
  /** false: it had ended. */
  end(id: string): Promise<boolean>
}

export interface OnceStore {
  find(scope: string, key: string): Promise<Once | null>
}
