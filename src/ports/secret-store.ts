// Secrets by project and name, sealed: the store cannot read what it keeps.

import type { Secret } from '../domain/secret.ts'
import type { Page, PageRequest } from './page.ts'

export type SealedSecret = Secret & { readonly sealed: string }

export interface SecretStore {
  /** Takes the place of what had its name. `full`: the project has `max` others already. */
  put(secret: SealedSecret, max: number): Promise<'added' | 'replaced' | 'full' | 'no_project'>
  get(projectId: string, name: string): Promise<SealedSecret | null>
  /** Those that are there, in no order. */
  some(projectId: string, names: readonly string[]): Promise<SealedSecret[]>
  /** By name. */
  list(projectId: string, page: PageRequest): Promise<Page<Secret>>
  /** Refused with the names of jobs that ask for it, or of which a run that is not final does. null: no such secret. */
  delete(projectId: string, name: string): Promise<{ readonly usedBy: readonly string[] } | null>
  /** Every key that something is sealed with. */
  keyIds(): Promise<string[]>
  /** Some that are sealed with another key than this. */
  sealedOtherwise(keyId: string, limit: number): Promise<SealedSecret[]>
  /** false: it has another value by now, or is gone. */
  reseal(id: string, keyId: string, sealed: string): Promise<boolean>
}
