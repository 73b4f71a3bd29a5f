// Where the output of a process goes while it runs.

import type { LogStream } from '../domain/log/log-frame.ts'
import type { Work } from './store.ts'

export interface LogSink {
  /**
   * Takes bytes in the order they came; they may be kept and must not change. A promise says that enough waits
   * already: write nothing more before it resolves. Never throws and never rejects.
   */
  write(stream: LogStream, bytes: Uint8Array): Promise<void> | null
  /** No more will come. Resolves when all that can be kept is durable; never rejects. */
  end(): Promise<void>
}

/** A log of its own for each attempt and part. */
export type OpenLog = (work: Work) => LogSink

/** For whoever wants no log. */
export const NO_LOG: LogSink = { write: () => null, end: async () => {} }
