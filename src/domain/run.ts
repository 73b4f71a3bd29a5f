// A run: one owed execution. Its statuses, and the only transitions that exist.
// A final status never changes; a run that is not running has no lease, because the type has no such field.

export const FINAL_STATUSES = ['succeeded', 'failed', 'cancelled', 'skipped', 'missed', 'unknown'] as const
export const OPEN_STATUSES = ['pending', 'running', 'cancelling'] as const
export const RUN_STATUSES = [...OPEN_STATUSES, ...FINAL_STATUSES] as const

export type FinalStatus = (typeof FINAL_STATUSES)[number]
export type OpenStatus = (typeof OPEN_STATUSES)[number]
export type RunStatus = (typeof RUN_STATUSES)[number]

/** Why a due instant got no execution. Closed list. */
export const REASONS = [
  'overlap',
  'paused',
  'calendar',
  'too_late',
  'catch_up_limit',
  'quota',
  'no_agent',
  'superseded',
  'job_deleted',
] as const
export type Reason = (typeof REASONS)[number]

/** What made the run owed. Only scheduled runs are unique by (job, dueAt). */
export const TRIGGERS = ['schedule', 'manual', 'retry'] as const
export type Trigger = (typeof TRIGGERS)[number]

const NEXT = {
  pending: ['running', 'cancelled', 'skipped', 'missed'],
  running: ['pending', 'cancelling', 'succeeded', 'failed', 'cancelled', 'unknown'],
  cancelling: ['succeeded', 'failed', 'cancelled', 'unknown'],
  succeeded: [],
  failed: [],
  cancelled: [],
  skipped: [],
  missed: [],
  unknown: [],
} as const satisfies Record<RunStatus, readonly RunStatus[]>

/** The statuses that may follow `From`; asking for another is a compile error. */
export type NextStatus<From extends RunStatus> = (typeof NEXT)[From][number]

export function follows<From extends RunStatus>(from: From, to: NextStatus<From>): NextStatus<From> {
  if (!canFollow(from, to)) throw new Error(`a run cannot go from ${from} to ${to}`)
  return to
}

export function canFollow(from: RunStatus, to: RunStatus): boolean {
  return (NEXT[from] as readonly RunStatus[]).includes(to)
}

export function isFinal(status: RunStatus): status is FinalStatus {
  return (FINAL_STATUSES as readonly RunStatus[]).includes(status)
}

type RunBase = {
  readonly id: string
  readonly projectId: string
  readonly jobId: string
  readonly jobName: string
  /** The version of the job that was active at dueAt; an edit never changes a run. */
  readonly jobVersion: number
  readonly trigger: Trigger
  /** Nominal time, epoch ms. For a manual run the moment of the trigger. */
  readonly dueAt: number
  /** Made by catch-up: the instant passed while nobody could ring it. */
  readonly late: boolean
  /** Attempts started so far. */
  readonly attempts: number
  /** Number of the last lease; every write that ends an attempt must carry it. */
  readonly fence: number
  readonly createdAt: number
  /** When the first attempt started. */
  readonly startedAt: number | null
  /** How the last ended attempt went, in a sentence; null before the first end. */
  readonly message: string | null
  /** What a manual trigger sent along; replaces the target's body. */
  readonly params: unknown
}

export type Lease = {
  readonly nodeId: string
  readonly fence: number
  readonly leasedAt: number
}

export type PendingRun = RunBase & {
  readonly status: 'pending'
  /** May start from here on; null: queued behind another run of its job. */
  readonly readyAt: number | null
  /** Not before this, even when the queue is free (catch-up rate). */
  readonly notBefore: number
  /** Past this it ends as missed: too_late. */
  readonly startBy: number | null
  /** It could start, but as many runs of its concurrency key as may be are under way. */
  readonly waitsForKey?: string
  /** It could start, but as many runs of its project as its quota admits are under way. */
  readonly waitsForQuota?: true
}
export type ActiveRun = RunBase & { readonly status: 'running' | 'cancelling'; readonly lease: Lease }
export type FinalRun = RunBase & {
  readonly status: FinalStatus
  readonly reason: Reason | null
  readonly finishedAt: number
}
export type Run = PendingRun | ActiveRun | FinalRun

/** A run as it ends with its attempt. Field by field: to leave the lease out of the rest would copy each run twice. */
export function endedRun(run: ActiveRun, status: FinalStatus, message: string, finishedAt: number): FinalRun {
  return {
    id: run.id,
    projectId: run.projectId,
    jobId: run.jobId,
    jobName: run.jobName,
    jobVersion: run.jobVersion,
    trigger: run.trigger,
    dueAt: run.dueAt,
    late: run.late,
    attempts: run.attempts,
    fence: run.fence,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    message,
    params: run.params,
    status,
    reason: null,
    finishedAt,
  }
}

/** Under this key runs without one of their own wait for the quota `concurrency`. No job can ask for it. */
export const QUOTA_KEY = ''

/** What a run waits for that could start: room under its concurrency key, or, where it has none, under its project's quota. */
export function waitsFor(key: string | null): Pick<PendingRun, 'waitsForKey' | 'waitsForQuota'> {
  return key === null || key === QUOTA_KEY ? { waitsForQuota: true } : { waitsForKey: key }
}
