// A history in which everything is as it should be, to be bent in tests: a few jobs over a minute, one node killed, a
// client that pauses, triggers, repeats and deletes.

import type { Attempt, AttemptCause } from '../../../src/domain/attempt.ts'
import type { Effect } from '../../../src/domain/effect.ts'
import type { Gap } from '../../../src/domain/gap.ts'
import type { Job } from '../../../src/domain/job.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { FinalRun } from '../../../src/domain/run.ts'
import type { Call, Draft, Fault, History, Limits, Ring, Told } from './history.ts'

export const START = Date.parse('2026-11-21T08:00:00Z')
export const LIMITS: Limits = { onTimeMs: 1_000, takeoverMs: 10_000, recoverMs: 12_000, inFlightMs: 500 }
/** Node n1 dies here. */
export const KILLED = START + 20_300
const END = START + 60_000

export type Parts = {
  calls: Call[]
  rings: Ring[]
  told: Told[]
  jobs: Job[]
  runs: FinalRun[]
  attempts: Attempt[]
  gaps: Gap[]
  effects: Effect[]
  faults: Fault[]
}

export function historyOf({ calls, rings, told, faults, ...book }: Parts): History {
  const starts = ['n1', 'n2', 'n3'].map((node) => ({ node, nodeId: `nod_${node}`, at: START - 5_000 }))
  return {
    calls,
    rings,
    told,
    faults,
    starts,
    incidents: [],
    limits: LIMITS,
    book: { readAt: END + 1_000, ...book },
  }
}

export function soundParts(): Parts {
  const parts: Parts = {
    calls: [],
    rings: [],
    told: [],
    jobs: [],
    runs: [],
    attempts: [],
    gaps: [],
    effects: [],
    faults: [{ kind: 'kill', node: 'n1', from: KILLED, to: KILLED + 5_000 }],
  }
  everySecond(parts)
  withPause(parts)
  once(parts)
  told(parts)
  byHand(parts)
  deleted(parts)
  return parts
}

const ok: Outcome = { kind: 'ok' }
const lost: Outcome = { kind: 'lost', message: 'the node that held it is gone' }
export const seconds = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => START + (from + n) * 1_000)

/** Rings each second; the one due when n1 dies is taken over. */
function everySecond(parts: Parts): void {
  create(parts, 'tick', { schedule: { every: '1s' }, policy: { overlap: 'skip' } })
  for (const dueAt of seconds(1, 60)) {
    const hit = dueAt === START + 20_000
    run(parts, 'tick', dueAt, hit ? [lost, ok] : [ok])
  }
}

/** Paused from second 30 to 40. */
function withPause(parts: Parts): void {
  create(parts, 'paused', { schedule: { cron: '*/2 * * * * *' } })
  for (const dueAt of seconds(1, 60).filter((at) => at % 2_000 === 0)) {
    if (dueAt <= START + 30_500 || dueAt > START + 40_500) run(parts, 'paused', dueAt, [ok])
  }
  call(parts, 'pause', 'paused', START + 30_500)
  call(parts, 'resume', 'paused', START + 40_500)
  const [from, to] = [START + 32_000, START + 40_000]
  const gap = { id: 'gap_1', jobId: 'job_paused', jobVersion: 1, from, to, count: 5, createdAt: to + 500 }
  parts.gaps.push({ ...gap, status: 'skipped', reason: 'paused' })
}

/** The one under way when n1 dies ends as unknown. */
function once(parts: Parts): void {
  create(parts, 'once', { schedule: { every: '5s' }, policy: { delivery: 'at_most_once' } })
  for (const dueAt of seconds(1, 60).filter((at) => (at - START) % 5_000 === 0)) {
    run(parts, 'once', dueAt, [dueAt === START + 20_000 ? lost : ok])
  }
}

function told(parts: Parts): void {
  const callback = { url: 'http://sink/told' }
  create(parts, 'told', { schedule: { every: '10s' }, callback })
  for (const dueAt of seconds(1, 60).filter((at) => (at - START) % 10_000 === 0)) {
    const { id, finishedAt } = run(parts, 'told', dueAt, [ok])
    const effect = {
      id: `eff_${id}`,
      kind: 'callback',
      projectId: 'prj_default',
      jobId: 'job_told',
      runId: id,
    }
    const state = { status: 'delivered', tries: 1, nextTryAt: null } as const
    parts.effects.push({
      ...effect,
      ...state,
      kind: 'callback',
      callback,
      createdAt: finishedAt,
      endedAt: END,
    })
    parts.told.push({ at: finishedAt + 5, id: effect.id, runId: id, status: 'succeeded' })
  }
}

function byHand(parts: Parts): void {
  create(parts, 'by-hand', { schedule: {} })
  for (const at of [START + 3_210, START + 45_678]) {
    const { id } = run(parts, 'by-hand', at, [ok], 'manual')
    const said = { runId: id }
    call(parts, 'trigger', 'by-hand', at, { key: `key-${at}`, said, saidAgain: said })
  }
}

/** Deleted at second 15, and another that was refused at its creation. */
function deleted(parts: Parts): void {
  create(parts, 'deleted', { schedule: { every: '1s' } })
  parts.jobs.pop()
  for (const dueAt of seconds(1, 15)) run(parts, 'deleted', dueAt, [ok])
  call(parts, 'delete', 'deleted', START + 15_400, { said: { jobId: 'job_deleted' } })
  call(parts, 'create', 'refused', START + 2_000, { answer: 'refused', draft: { schedule: { every: '1s' } } })
}

function create(parts: Parts, name: string, draft: Draft): void {
  const jobId = `job_${name}`
  call(parts, 'create', name, START, { draft, said: { jobId, at: START } })
  parts.jobs.push({
    id: jobId,
    projectId: 'prj_default',
    version: 1,
    spec: {
      name,
      description: null,
      labels: {},
      schedule: draft.schedule,
      target: { http: { url: 'http://sink' } },
      policy: draft.policy ?? {},
      callback: (draft.callback as Job['spec']['callback']) ?? null,
    },
    status: 'active',
    pause: null,
    plannedThrough: END,
    nextDueAt: END + 1_000,
    runsPlanned: 0,
    createdAt: START,
    updatedAt: START,
  })
}

function call(parts: Parts, asks: Call['asks'], job: string, at: number, more: Partial<Call> = {}): void {
  parts.calls.push({
    by: 'client',
    asks,
    job,
    from: at - 10,
    to: at + 10,
    answer: 'ok',
    said: { at },
    ...more,
  })
}

const TAKEN_OVER_MS = 7_000

export function run(
  parts: Parts,
  job: string,
  dueAt: number,
  outcomes: readonly Outcome[],
  trigger: 'schedule' | 'manual' = 'schedule',
): FinalRun {
  const id = `run_${job}_${(dueAt - START) / 1_000}`
  let at = dueAt + 20
  for (const [n, outcome] of outcomes.entries()) {
    const startedAt = at
    at = outcome.kind === 'lost' ? KILLED + TAKEN_OVER_MS : startedAt + 100
    const cause: AttemptCause = n === 0 ? 'first' : 'node_lost'
    const number = n + 1
    const nodeId = outcome.kind === 'lost' ? 'nod_n1' : 'nod_n2'
    const attempt = {
      runId: id,
      number,
      fence: number,
      nodeId,
      agent: null,
      cause,
      startedAt,
      endedAt: at,
      late: null,
      part: null,
    }
    parts.attempts.push({ ...attempt, outcome: outcome.kind, detail: outcome })
    const until = outcome.kind === 'lost' ? KILLED : at - 10
    parts.rings.push({ at: startedAt + 10, until, job, runId: id, attempt: number, fence: number, dueAt })
  }
  const made: FinalRun = {
    id,
    projectId: 'prj_default',
    jobId: `job_${job}`,
    jobName: job,
    jobVersion: 1,
    trigger,
    dueAt,
    late: false,
    attempts: outcomes.length,
    fence: outcomes.length,
    createdAt: dueAt + 15,
    startedAt: dueAt + 20,
    message: 'done',
    params: null,
    status: outcomes.at(-1)!.kind === 'ok' ? 'succeeded' : 'unknown',
    reason: null,
    finishedAt: at,
  }
  parts.runs.push(made)
  return made
}
