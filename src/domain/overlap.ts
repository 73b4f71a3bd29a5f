// What the overlap rule makes of the runs that are wanted: start, wait behind another, or be skipped.

import type { Draft, PlanInput, PlannedGap, PlannedRun, PlannedState, Wanted } from './planned.ts'
import type { Policy } from './policy.ts'
import { queueTimeout, queueUntil } from './start-deadline.ts'

type Queued = { readonly runs: PlannedRun[]; readonly gaps: PlannedGap[]; readonly replaceOpen: boolean }

export function queueUp(draft: Draft, policy: Policy, input: PlanInput, now: number): Queued {
  const gaps = draft.gaps.filter((gap) => gap.count > 1)
  const runs = draft.gaps.filter((gap) => gap.count === 1).map(alone)
  const wanted = policy.overlap.mode === 'replace' ? newestOnly(draft.runs, runs) : draft.runs
  let open = policy.overlap.mode === 'replace' ? 0 : input.open
  let queued = input.queued
  const queueTimeoutMs = queueTimeout(input.job.spec, policy)
  for (const run of wanted) {
    const state = place(run, policy, queueTimeoutMs, open, queued, now)
    runs.push({ trigger: 'schedule', dueAt: run.dueAt, late: run.late, state })
    if (state.status !== 'pending') continue
    open += 1
    if (state.readyAt === null) queued += 1
  }
  const replaceOpen = policy.overlap.mode === 'replace' && input.open > 0 && wanted.length > 0
  return { runs, gaps, replaceOpen }
}

function place(
  run: Wanted,
  policy: Policy,
  queueTimeoutMs: Policy['queueTimeoutMs'],
  open: number,
  queued: number,
  now: number,
): PlannedState {
  const { mode, max } = policy.overlap
  const { notBefore } = run
  const readyAt = Math.max(now, notBefore)
  const startBy = policy.startWithinMs === null ? null : run.dueAt + policy.startWithinMs
  const start: PlannedState = {
    status: 'pending',
    readyAt,
    notBefore,
    startBy: queueUntil(startBy, readyAt, queueTimeoutMs),
  }
  const wait: PlannedState = { status: 'pending', readyAt: null, notBefore, startBy }
  const skip: PlannedState = { status: 'skipped', reason: 'overlap' }
  if (mode === 'allow') return open < max ? start : skip
  if (open === 0) return start
  if (run.patient) return wait
  return mode === 'queue' && queued < max ? wait : skip
}

/** A single instant gets an entry of its own; only several in a row share a gap. */
function alone(gap: PlannedGap): PlannedRun {
  return {
    trigger: 'schedule',
    dueAt: gap.from,
    late: true,
    state: { status: gap.status, reason: gap.reason },
  }
}

/** Each would replace the one before at once: only the last of them runs. */
function newestOnly(wanted: readonly Wanted[], runs: PlannedRun[]): readonly Wanted[] {
  const byDue = [...wanted].sort((a, b) => a.dueAt - b.dueAt)
  for (const { dueAt, late } of byDue.slice(0, -1)) {
    runs.push({ trigger: 'schedule', dueAt, late, state: { status: 'skipped', reason: 'superseded' } })
  }
  return byDue.slice(-1)
}
