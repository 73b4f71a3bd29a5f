// The rows of logs; their bytes lie in the blob store.

import type { LogId, LogMark, RunLog } from '../domain/log/run-log.ts'

export interface LogStore {
  /** null: nothing of it has arrived. */
  get(id: LogId): Promise<RunLog | null>
  /** All logs of a run by attempt and part. */
  ofRun(runId: string): Promise<RunLog[]>
  /**
   * Moves a log on from `before` to `after`; the first time makes its row. What `after` says is on disk already. The bytes it grows
   * by are taken from the project's quota of the day (UTC), where it has one. false: somebody else moved it, it is sealed, it
   * belongs to another fence, or its run is gone. `over_quota`: there are not so many bytes left; nothing was written.
   */
  advance(
    log: LogId & { readonly fence: number },
    before: LogMark,
    after: LogMark,
    now: number,
  ): Promise<boolean | 'over_quota'>
  /** Nothing more comes; a log without a row is sealed empty. false: sealed already, moved on, or its run is gone. */
  seal(
    log: LogId & { readonly fence: number },
    chunks: number,
    seal: { readonly whole: boolean },
    now: number,
  ): Promise<boolean>
  /** Logs that nobody has sealed, of runs that the store has ended at or before `endedBy`. */
  unsealed(request: { readonly endedBy: number; readonly limit: number }): Promise<RunLog[]>
}
