// Scripts by project and hash; their content lies in the blob store.

import type { Script } from '../domain/script.ts'
import type { Page, PageRequest } from './page.ts'

export interface ScriptStore {
  /** false: the project has it already, or is gone. */
  add(script: Script): Promise<boolean>
  get(projectId: string, sha256: string): Promise<Script | null>
  /** Newest first. */
  list(projectId: string, page: PageRequest): Promise<Page<Script>>
  /** Its blob is discarded in the same transaction. `in_use`: a job, or a run that is not final, asks for it. */
  delete(projectId: string, sha256: string): Promise<'deleted' | 'in_use' | 'absent'>
}
