// A history as lanes of marks: who did what when, and under which fault. The page only draws them.

import { FINAL_STATUSES } from '../../../src/domain/run.ts'
import type { Verdict } from '../checker/check.ts'
import type { History } from '../checker/history.ts'
import { type Indexed, indexed } from '../checker/indexed.ts'
import type { Life } from '../checker/life.ts'
import { describeFinding } from '../checker/verdict.ts'

/** `kind` chooses the colour. A mark without a length is a moment. */
export type Mark = {
  readonly from: number
  readonly to: number
  readonly kind: string
  readonly says: string
  /** Behind the others, over the whole height. */
  readonly back?: boolean
}

export type Lane = { readonly name: string; readonly rows: readonly (readonly Mark[])[] }

/** Jobs with findings get a lane each; of a history that is wrong everywhere only the first are shown. */
const JOB_LANES_MAX = 12
const ROWS_MAX = 14

export function lanesOf(history: History, { findings }: Pick<Verdict, 'findings'>): Lane[] {
  const whole = indexed(history)
  const end = history.book.readAt
  const names = [...new Set(history.starts.map(({ node }) => node))]
  const accused = new Set(
    findings.map(({ job, run }) => job ?? jobOf(whole, run)).filter((job) => job !== null),
  )
  return [
    {
      name: 'findings',
      rows: [
        findings.flatMap((one) => (one.at === null ? [] : [moment(one.at, 'bad', describeFinding(one))])),
      ],
    },
    { name: 'store', rows: [faultsOf(history, null, end)] },
    ...names.map((node) => nodeLane(whole, node, end)),
    {
      name: 'sink',
      rows: [
        ringsOf(whole),
        whole.told.map(({ at, runId, status }) => moment(at, 'told', `told: ${runId} ${status}`)),
      ],
    },
    { name: 'clients', rows: pack(callsOf(history)) },
    ...whole.lives
      .filter(({ job }) => accused.has(job))
      .slice(0, JOB_LANES_MAX)
      .map((life) => jobLane(whole, life)),
  ]
}

function jobOf({ runById }: Indexed, run: string | null): string | null {
  return run === null ? null : (runById.get(run)?.jobName ?? null)
}

function moment(at: number, kind: string, says: string): Mark {
  return { from: at, to: at, kind, says }
}

function faultsOf({ faults }: History, node: string | null, end: number): Mark[] {
  return faults
    .filter((fault) => fault.node === node)
    .map(({ kind, from, to }) => ({ from, to: Math.min(to, end), kind: 'fault', says: kind, back: true }))
}

function nodeLane(history: Indexed, node: string, end: number): Lane {
  const ids = new Set(history.starts.filter((start) => start.node === node).map(({ nodeId }) => nodeId))
  const attempts = history.book.attempts
    .filter(({ nodeId }) => ids.has(nodeId))
    .map(({ runId, number, fence, startedAt, endedAt, outcome, cause }): Mark => {
      const job = history.runById.get(runId)?.jobName ?? '?'
      const says = `${job} ${runId} attempt ${number} fence ${fence} ${cause} → ${outcome ?? 'open'}`
      return { from: startedAt, to: endedAt ?? end, kind: outcome ?? 'open', says }
    })
  const starts = history.starts
    .filter((start) => start.node === node)
    .map(({ at, nodeId }) => moment(at, 'start', `begins as ${nodeId}`))
  return { name: node, rows: [[...faultsOf(history, node, end), ...starts], ...pack(attempts)] }
}

function ringsOf({ rings }: Indexed): Mark[] {
  return rings.map(({ at, job, runId, attempt, fence, dueAt }) =>
    moment(
      at,
      attempt > 1 ? 'again' : 'ring',
      `${job} ${runId} attempt ${attempt} fence ${fence}, ${at - dueAt} ms late`,
    ),
  )
}

function callsOf({ calls }: History): Mark[] {
  return calls.map(({ from, to, asks, job, answer }) => ({
    from,
    to,
    kind: `call-${answer}`,
    says: `${asks} ${job}: ${answer}`,
  }))
}

/** What was owed, what the book says, what rang. */
function jobLane(history: Indexed, life: Life): Lane {
  const owed = life.must.map((at) => moment(at, 'owed', 'owed'))
  const paused = life.stretches
    .filter((stretch) => stretch.paused === true)
    .map(
      ({ after, through }): Mark => ({
        from: after,
        to: through,
        kind: 'paused',
        says: 'paused',
        back: true,
      }),
    )
  const runs = history.runsOf(life).map((run): Mark => {
    const final = (FINAL_STATUSES as readonly string[]).includes(run.status)
    const to = 'finishedAt' in run ? Math.max(run.dueAt, run.finishedAt) : history.book.readAt
    const reason = 'reason' in run && run.reason !== null ? ` ${run.reason}` : ''
    return {
      from: run.dueAt,
      to,
      kind: final ? run.status : 'open',
      says: `${run.id} ${run.trigger} ${run.status}${reason}`,
    }
  })
  const gaps = history.gapsOf(life).map(
    ({ from, to, count, status, reason }): Mark => ({
      from,
      to,
      kind: status,
      says: `gap: ${count} ${status} ${reason}`,
    }),
  )
  return {
    name: life.job,
    rows: [
      [...paused, ...owed],
      ...pack([...runs, ...gaps]),
      ringsOf({ ...history, rings: history.ringsOf(life.job) }),
    ],
  }
}

/** Into as few rows as they fit in without lying on each other; what does not fit lies on the last. */
export function pack(marks: readonly Mark[]): Mark[][] {
  const rows: { end: number; marks: Mark[] }[] = []
  for (const mark of marks.toSorted((a, b) => a.from - b.from)) {
    const row = rows.find(({ end }) => end < mark.from)
    if (row === undefined && rows.length < ROWS_MAX) rows.push({ end: mark.to, marks: [mark] })
    else {
      const there = row ?? rows.at(-1)!
      there.marks.push(mark)
      there.end = Math.max(there.end, mark.to)
    }
  }
  return rows.map((row) => row.marks)
}
