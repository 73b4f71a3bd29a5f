// What the checker finds: each finding names the invariant that was broken, and where to look.

export const INVARIANTS = {
  record: 'every owed instant has exactly one entry, and every entry was owed',
  reason: 'why an instant got no execution is true',
  ended: 'every run has ended',
  lease: 'one attempt of a run at a time, numbered without holes, under growing fences',
  explained: 'every further attempt, and every lost one, has a cause that shows',
  takeover: 'what a node held when it was hit is taken over in time',
  identity: 'every ring belongs to an attempt in the book, and no attempt rings twice',
  fence: 'an attempt ends by its own answer, not by the late news of another',
  stale: 'nothing rings for an attempt that had ended',
  'at-most-once': 'an at-most-once run rings once, or not at all',
  overlap: 'runs of a job that must not overlap do not',
  'on-time': 'whatever our labels say, each owed instant rang in its time, and nothing else did',
  early: 'nothing rings before it is due',
  acknowledged: 'what was acknowledged is there once; what was refused is not',
  told: 'whoever was to be told how a run ended was told so',
  process: 'a process starts and stops when it is told to',
  nodes: 'no two processes work under one identity',
} as const

export type Invariant = keyof typeof INVARIANTS

export type Finding = {
  readonly invariant: Invariant
  readonly job: string | null
  readonly run: string | null
  /** A moment to look at. */
  readonly at: number | null
  readonly says: string
}

export type Where = { readonly job?: string; readonly run?: string; readonly at?: number }

export function finding(invariant: Invariant, says: string, { job, run, at }: Where = {}): Finding {
  return { invariant, job: job ?? null, run: run ?? null, at: at ?? null, says }
}

/** One line: `record: job-7 2026-11-21T08:00:00.000Z: …`. */
export function describeFinding({ invariant, job, run, at, says }: Finding): string {
  const where = [job, run, at === null ? null : instant(at)].filter((part) => part !== null)
  return `${invariant}: ${[...where, says].join(' ')}`
}

export function instant(at: number): string {
  return new Date(at).toISOString()
}
