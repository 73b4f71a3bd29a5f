// How a job lived, by what its clients were answered: stretches of time under one definition, paused or awake.

import type { Job } from '../../../src/domain/job.ts'
import type { Book, Call, Draft, History } from './history.ts'
import { owed } from './owed.ts'

/** (after, through]. */
export type Stretch = {
  readonly after: number
  readonly through: number
  readonly draft: Draft
  /** A change is being made: what becomes due may still go by the definition before it. */
  readonly before?: Draft
  /** null: a pause or its end was asked for, and no answer came. */
  readonly paused: boolean | null
}

export type Life = {
  readonly job: string
  readonly jobId: string
  readonly createdAt: number
  readonly draft: Draft
  readonly stretches: readonly Stretch[]
  /** Instants that must have an entry; those of `may` beyond them can have one. Both ascending. */
  readonly must: readonly number[]
  readonly may: readonly number[]
  /** When its deletion was asked for. */
  readonly deletedAt: number | null
}

/** Of all jobs that are known to exist. */
export function livesOf({ calls, book, limits }: History): Life[] {
  const byJob = Map.groupBy(calls, ({ job }) => job)
  return [...byJob].flatMap(([job, own]) => lifeOf(job, own, book, limits.recoverMs) ?? [])
}

function lifeOf(job: string, calls: readonly Call[], book: Book, recoverMs: number): Life | null {
  const creation = calls.find(({ asks, answer }) => asks === 'create' && answer !== 'refused')
  if (creation?.draft === undefined) return null
  const stored = book.jobs.find(({ id, spec }) => id === creation.said?.jobId || spec.name === job)
  const jobId = creation.said?.jobId ?? stored?.id
  const createdAt = creation.said?.at ?? stored?.createdAt
  if (jobId === undefined || createdAt === undefined) return null

  const changes = calls
    .filter(({ asks, answer }) => answer !== 'refused' && CHANGES.has(asks))
    .sort((a, b) => momentOf(a) - momentOf(b))
  const deletion = changes.find(({ asks }) => asks === 'delete') ?? null
  const end = deletion === null ? endOf(stored, book.readAt) : deletion.to
  const stretches = cut(creation.draft, createdAt, changes, end)
  const [may, sure] = owedIn(stretches, createdAt)
  const unsure = changes.find(({ asks, answer }) => answer === 'unknown' && UNSURE.has(asks))
  const sureThrough = Math.min(
    deletion?.from ?? Number.POSITIVE_INFINITY,
    unsure?.from ?? Number.POSITIVE_INFINITY,
    stored === undefined ? book.readAt : Math.max(stored.plannedThrough, book.readAt - recoverMs),
  )
  const must = sure.filter((instant) => instant <= sureThrough)
  const draft = stretches.at(-1)?.draft ?? creation.draft
  return { job, jobId, createdAt, draft, stretches, must, may, deletedAt: deletion?.from ?? null }
}

function owedIn(stretches: readonly Stretch[], createdAt: number): [may: number[], sure: number[]] {
  const may: number[] = []
  const sure: number[] = []
  for (const { draft, before, after, through } of stretches) {
    const now = owed(draft.schedule, createdAt, after, through)
    if (before === undefined) {
      for (const instant of now) may.push(instant)
      for (const instant of now) sure.push(instant)
      continue
    }
    const old = owed(before.schedule, createdAt, after, through)
    may.push(...[...new Set([...now, ...old])].sort((a, b) => a - b))
    sure.push(...now.filter((instant) => old.includes(instant)))
  }
  return [may, sure]
}

const CHANGES = new Set(['edit', 'pause', 'resume', 'delete'])
/** A request that was not answered may be on its way for so long, and overtake what was asked for after it. */
const MAY_STILL_COME_MS = 30_000
/** Whether these took place changes what is owed. A pause only changes what becomes of it. */
const UNSURE = new Set(['edit', 'delete'])

/** What a pause that still lasts covers gets its entry when it ends. */
function endOf(stored: Job | undefined, readAt: number): number {
  if (stored === undefined) return readAt
  return stored.status === 'active' ? Math.max(readAt, stored.plannedThrough) : stored.plannedThrough
}

/**
 * A change has its moment, and is made a little later; until it is answered, what becomes due may still go by what was.
 */
function cut(first: Draft, createdAt: number, changes: readonly Call[], end: number): Stretch[] {
  const stretches: Stretch[] = []
  // A one-time job may be accepted a moment after its time.
  const { at } = first.schedule
  let after = at === undefined ? createdAt : Math.min(createdAt, Date.parse(at) - 1)
  let draft = first
  let paused: boolean | null = false
  let unsureUntil = Number.NEGATIVE_INFINITY
  const upTo = (moment: number, how: Pick<Stretch, 'paused'> & Partial<Stretch>): void => {
    const through = Math.min(end, moment)
    if (through > after) stretches.push({ after, through, draft, ...how })
    after = Math.max(after, through)
  }
  for (const call of changes) {
    upTo(call.asks === 'delete' ? end : momentOf(call), { paused })
    const before = draft
    if (call.asks === 'edit') draft = call.draft ?? draft
    if (call.asks === 'pause' || call.asks === 'resume') {
      if (call.answer === 'unknown') unsureUntil = Math.max(unsureUntil, call.from + MAY_STILL_COME_MS)
      paused = momentOf(call) < unsureUntil ? null : call.asks === 'pause'
    }
    if (call.answer === 'ok' && call.asks !== 'delete') upTo(call.to, { paused: null, before })
  }
  upTo(end, { paused })
  return stretches
}

function momentOf(call: Call): number {
  return call.said?.at ?? call.from
}

/** The stretch an instant lies in. */
export function stretchAt(life: Life, at: number): Stretch | null {
  return life.stretches.find(({ after, through }) => at > after && at <= through) ?? null
}
