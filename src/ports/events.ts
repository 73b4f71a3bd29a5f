// Live news for whoever watches. A hint only: it may be lost, the ledger may not.

export type CarillonEvent = {
  readonly type: string // "run.succeeded", "job.created" …
  readonly at: number
  readonly projectId: string
  readonly jobId: string | null
  readonly runId: string | null
  readonly data: Readonly<Record<string, unknown>>
}

export interface Events {
  publish(events: readonly CarillonEvent[]): void
}
