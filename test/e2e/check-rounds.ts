// What must be true after any number of kills: the ledger is complete, catch-up was obeyed, every ring is explained,
// what was acknowledged is there, and whoever was to be told was told.

import type { Attempt } from '../../src/domain/attempt.ts'
import { isFinal, type Run } from '../../src/domain/run.ts'
import { atSeconds, everyFrom } from '../support/due-by-hand.ts'
import { checkLedger } from '../support/ledger-check.ts'
import type { Rung, Told } from '../support/sink-process.ts'
import type { Stored, StoredJob } from '../support/stored.ts'
import type { Asked, Life } from './asked.ts'

export type After = {
  readonly lives: ReadonlyMap<string, Life>
  readonly stored: Stored
  readonly asked: Asked
  readonly rung: readonly Rung[]
  readonly told: readonly Told[]
  readonly downtimes: readonly { readonly from: number; readonly to: number }[]
}

export type Figures = {
  readonly faults: readonly string[]
  readonly dueInstants: number
  readonly runs: number
  readonly attempts: number
  readonly rings: number
  readonly lost: number
  readonly rungAgain: number
  readonly caughtUp: number
  readonly missed: number
  readonly unknown: number
  readonly created: number
  readonly triggered: number
  readonly repeats: number
  readonly callbacks: number
  readonly callbackTries: number
  /** Arrival − due of what rang on time, outside of downtimes. */
  readonly lateMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export function checkRounds(after: After): Figures {
  const { lives, stored, asked, rung, told } = after
  const runs = [...stored.jobs.values()].flatMap((job) => job.runs)
  const attempts = [...stored.attempts.values()].flat()
  const due = new Map([...lives].map(([name, life]) => [name, dueOf(life)]))
  const faults = [
    ...stored.damage.map((damage) => `damage: ${JSON.stringify(damage)}`),
    ...[...lives].flatMap(([name, life]) => ofJob(name, life, due.get(name)!, stored.jobs.get(name))),
    ...runs.flatMap((run) => ofRun(run, stored.attempts.get(run.id)!)),
    ...ofRings(rung, runs, stored.attempts),
    ...ofAsked(asked, stored),
    ...ofTold(after, runs),
  ]
  const missedInGaps = [...stored.jobs.values()].flatMap(({ gaps }) => gaps.map(({ count }) => count))
  return {
    faults,
    dueInstants: [...due.values()].reduce((sum, { length }) => sum + length, 0),
    runs: runs.length,
    attempts: attempts.length,
    rings: rung.length,
    lost: attempts.filter(({ outcome }) => outcome === 'lost').length,
    rungAgain: rung.filter(({ attempt }) => attempt > 1).length,
    caughtUp: runs.filter(({ late, attempts }) => late && attempts > 0).length,
    missed: runs.filter(({ status }) => status === 'missed').length + sum(missedInGaps),
    unknown: runs.filter(({ status }) => status === 'unknown').length,
    created: asked.created.size,
    triggered: asked.triggered.size,
    repeats: asked.repeats,
    callbacks: stored.effects.length,
    callbackTries: told.length,
    lateMs: latenessOf(after, runs),
  }
}

/** By arithmetic of our own. */
function dueOf({ draft, createdAt, pausedAt }: Life): number[] {
  const { every, anchor, cron } = draft.schedule
  if (every !== undefined) {
    const from = anchor === undefined ? createdAt : Date.parse(anchor)
    return everyFrom(from, Number.parseInt(every, 10) * 1_000, createdAt, pausedAt)
  }
  if (cron === undefined) return []
  const [first, step] = cron.split(' ')[0]!.split('/').map(Number)
  return atSeconds((second) => second >= first! && (second - first!) % step! === 0, createdAt, pausedAt)
}

function ofJob(name: string, life: Life, due: readonly number[], job: StoredJob | undefined): string[] {
  if (job === undefined) return [`job ${name} was acknowledged and is gone`]
  const faults = checkLedger(due, job)
  return [...faults, ...ofCatchUp(life, job)].map((fault) => `${name}: ${fault}`)
}

type Entry = { readonly at: number; readonly missed: string | null; readonly late: boolean }

function ofCatchUp({ draft }: Life, { runs, gaps }: StoredJob): string[] {
  const entries: Entry[] = [
    ...runs
      .filter(({ trigger }) => trigger === 'schedule')
      .map((run) => ({ at: run.dueAt, missed: reasonOf(run), late: run.late && run.attempts > 0 })),
    ...gaps.map(({ from, status, reason }) => ({ at: from, missed: `${status} ${reason}`, late: false })),
  ].sort((a, b) => a.at - b.at)
  const mode = draft.policy?.catchUp
  return entries.flatMap(({ at, missed, late }, n) => {
    const fault = (text: string): string[] => [`${text} at ${new Date(at).toISOString()}`]
    if (mode === 'none') {
      if (late) return fault('catch-up none, and yet caught up')
      return missed === null || missed === 'missed catch_up_limit' ? [] : fault(`catch-up none: ${missed}`)
    }
    if (missed === null) return []
    if (mode === 'all') return fault(`catch-up all: ${missed}`)
    if (missed !== 'missed superseded') return fault(`catch-up latest: ${missed}`)
    return entries[n + 1] === undefined || entries[n + 1]!.missed !== null
      ? fault('superseded by nothing')
      : []
  })
}

function reasonOf(run: Run): string | null {
  return 'reason' in run && run.reason !== null ? `${run.status} ${run.reason}` : null
}

function ofRun(run: Run, attempts: readonly Attempt[]): string[] {
  const name = `${run.jobName} ${run.id}`
  const faults: string[] = []
  if (!isFinal(run.status)) faults.push(`${name} never ended: ${run.status}`)
  if (attempts.length !== run.attempts)
    faults.push(`${name} has ${attempts.length} of ${run.attempts} attempts`)
  for (const [n, attempt] of attempts.entries()) {
    if (attempt.number !== n + 1) faults.push(`${name}: attempt ${n + 1} is number ${attempt.number}`)
    if (n > 0 && attempt.fence <= attempts[n - 1]!.fence) faults.push(`${name}: the fence did not grow`)
    if (!isCaused(attempt, attempts[n - 1]))
      faults.push(`${name}: attempt ${n + 1} because of ${attempt.cause}`)
  }
  if (run.status === 'succeeded' && attempts.at(-1)?.outcome !== 'ok')
    faults.push(`${name} succeeded without ok`)
  return faults
}

function isCaused({ cause }: Attempt, before: Attempt | undefined): boolean {
  if (before === undefined) return cause === 'first'
  if (cause === 'node_lost') return before.outcome === 'lost'
  return cause === 'retry_policy' && (before.outcome === 'error' || before.outcome === 'timeout')
}

function ofRings(
  rung: readonly Rung[],
  runs: readonly Run[],
  attempts: ReadonlyMap<string, readonly Attempt[]>,
): string[] {
  const byId = new Map(runs.map((run) => [run.id, run]))
  const seen = new Set<string>()
  const perRun = new Map<string, number>()
  const faults: string[] = []
  for (const ring of rung) {
    const { runId, attempt, fence, at, dueAt } = ring
    const key = `${ring.jobName} ${runId} attempt ${attempt}`
    const run = byId.get(runId)
    const row = attempts.get(runId)?.find(({ number }) => number === attempt)
    if (seen.has(key)) faults.push(`rang twice: ${key}`)
    if (run === undefined || row === undefined) faults.push(`rang without an entry: ${key}`)
    else if (row.fence !== fence || run.dueAt !== dueAt) faults.push(`rang under other numbers: ${key}`)
    if (at < dueAt) faults.push(`rang ${dueAt - at} ms early: ${key}`)
    seen.add(key)
    perRun.set(runId, (perRun.get(runId) ?? 0) + 1)
  }
  for (const run of runs) {
    const ok = attempts.get(run.id)!.find(({ outcome }) => outcome === 'ok')
    if (ok !== undefined && !seen.has(`${run.jobName} ${run.id} attempt ${ok.number}`))
      faults.push(`never rang, and yet ok: ${run.jobName} ${run.id}`)
    if (run.jobName.startsWith('once-') && (perRun.get(run.id) ?? 0) > 1)
      faults.push(`at most once, and yet rang ${perRun.get(run.id)} times: ${run.id}`)
  }
  return faults
}

function ofAsked({ created, triggered, refused, changed }: Asked, { jobs }: Stored): string[] {
  const byHand = jobs.get('by-hand')?.runs ?? []
  const ids = new Set(byHand.map(({ id }) => id))
  const faults = [
    ...[...created].filter((name) => !jobs.has(name)).map((name) => `created and gone: ${name}`),
    ...[...refused].filter((name) => jobs.has(name)).map((name) => `refused and there: ${name}`),
    ...changed.map((key) => `answered otherwise when asked again: ${key}`),
    ...[...triggered].filter(([, id]) => !ids.has(id)).map(([key]) => `triggered and gone: ${key}`),
  ]
  if (byHand.length !== triggered.size)
    faults.push(`${triggered.size} triggers were acknowledged, ${byHand.length} runs are there`)
  for (const name of created) {
    const runs = jobs.get(name)?.runs ?? []
    if (runs.length !== 1) faults.push(`${name} has ${runs.length} runs`)
  }
  return faults
}

function ofTold({ lives, stored, told }: After, runs: readonly Run[]): string[] {
  const effectOf = new Map(stored.effects.map((effect) => [effect.runId, effect]))
  const ids = Map.groupBy(told, ({ runId }) => runId)
  const faults: string[] = []
  for (const run of runs) {
    const heard = ids.get(run.id) ?? []
    const effect = effectOf.get(run.id)
    const owed = lives.get(run.jobName)?.draft.callback != null && run.status !== 'skipped'
    const name = `${run.jobName} ${run.id}`
    if (!owed && (effect !== undefined || heard.length > 0)) faults.push(`told without being asked: ${name}`)
    if (!owed) continue
    if (effect === undefined || effect.status === 'pending') faults.push(`not told: ${name}`)
    if (effect?.status === 'delivered' && heard.length === 0) faults.push(`delivered to nobody: ${name}`)
    if (heard.some(({ id }) => id !== effect?.id)) faults.push(`told under other ids: ${name}`)
    if (heard.some(({ status }) => status !== run.status)) faults.push(`told another end: ${name}`)
  }
  return faults
}

function latenessOf({ downtimes, rung }: After, runs: readonly Run[]): Figures['lateMs'] {
  const scheduled = new Map(runs.map((run) => [run.id, run.trigger === 'schedule' && !run.late]))
  const near = (at: number): boolean =>
    downtimes.some(({ from, to }) => at >= from - 1_000 && at <= to + 1_000)
  const late = rung
    .filter(({ runId, attempt, dueAt }) => attempt === 1 && scheduled.get(runId) === true && !near(dueAt))
    .map(({ at, dueAt }) => at - dueAt)
    .sort((a, b) => a - b)
  const at = (share: number): number => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: late.at(-1) ?? 0 }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
