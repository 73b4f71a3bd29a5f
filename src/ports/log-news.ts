// Tells whoever follows a run's logs that there may be more. A hint: it may be lost, and what happens on another node
// is not heard; whoever waits looks again after a while all the same.

export interface LogNews {
  tell(runId: string): void
  /** From here on nothing told of this run is missed by `next`. */
  watch(runId: string): LogWatch
}

export interface LogWatch extends Disposable {
  /** Resolves at once when something was told since the last call; else when it is, after `ms`, or at the signal. */
  next(ms: number, signal: AbortSignal): Promise<void>
}
