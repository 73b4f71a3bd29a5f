// Watches the store commit: how definitions follow each other, which runs have ended how, and how often what happened.

import type { Job } from '../../src/domain/job.ts'
import { isFinal, type Run } from '../../src/domain/run.ts'
import type {
  DueJob,
  JobChange,
  JobChangeReport,
  LostWork,
  PlanReport,
  SettleReport,
  Store,
} from '../../src/ports/store.ts'
import type { NodeStart } from '../cluster/checker/history.ts'
import type { Coverage } from './coverage.ts'
import type { KnownJob } from './history.ts'
import type { Observer } from './store-path.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'

type Parts = { readonly timeline: Timeline; readonly trace: Trace; readonly coverage: Coverage }

export class Recorder {
  readonly jobs = new Map<string, KnownJob>()
  readonly finals = new Map<string, string>()
  readonly starts: NodeStart[] = []
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The store, with every change of a job written down as it is committed. */
  watch(store: Store): Store {
    const change: Store['jobs']['change'] = async (id, decide, options) => {
      const seen: { before: Job; after: JobChange }[] = []
      const watching = (due: DueJob, now?: number): JobChange => {
        const after = (decide as (due: DueJob, now?: number) => JobChange)(due, now)
        seen.push({ before: due.job, after })
        return after
      }
      const report = await store.jobs.change(id, watching, options)
      const last = seen.at(-1)
      if (report !== null && last !== undefined && report.nameTaken !== true)
        this.#changed(last.before, last.after.job, options.now)
      return report
    }
    return { ...store, jobs: withMethod(store.jobs, 'change', change) }
  }

  readonly observe: Observer = ({ node, name, args, now, result }) => {
    const note = (what: string): void =>
      this.#parts.trace.note(this.#parts.timeline.now, node, `${name} ${what}`)
    if (name === 'runs.plan') this.#planned(result as PlanReport, note)
    else if (name === 'runs.claimReady')
      this.#claimed(result as { works: { run: Run }[]; missed: Run[] }, note)
    else if (name === 'runs.settle') this.#settled(result as SettleReport, note)
    else if (name === 'runs.lost') this.#lost(result as readonly LostWork[], note)
    else if (name === 'runs.expire') this.#ended(result as readonly Run[], 'expired', note)
    else if (name === 'runs.cancel') this.#cancelled(result as { run: Run; changed: boolean } | null, note)
    else if (name === 'jobs.change') this.#reported(result as JobChangeReport | null, note)
    else if (name === 'jobs.add') this.#added(args[0] as readonly Job[], result as { kind: string }, note)
    else if (name === 'outbox.due') note(String((result as unknown[]).length))
    else if (name === 'outbox.record') note(String((args[0] as unknown[]).length))
    else if (name === 'nodes.register')
      this.starts.push({ node: node.split('.')[0]!, nodeId: (args[0] as { id: string }).id, at: now })
  }

  #planned({ jobs, runs, leased, replaced }: PlanReport, note: (what: string) => void): void {
    if (jobs === 0) return
    const { coverage } = this.#parts
    note(`${jobs} jobs ${runs.map(({ id, status }) => `${id} ${status}`).join(' ')}`)
    coverage.count('runs planned', runs.length)
    coverage.count('runs leased by their plan', leased.length)
    coverage.count('runs late', runs.filter(({ late, status }) => late && !isFinal(status)).length)
    coverage.count(
      'runs queued',
      runs.filter((run) => run.status === 'pending' && run.readyAt === null).length,
    )
    this.#see([...runs, ...replaced])
    coverage.count('runs replaced', replaced.length)
  }

  #claimed(
    { works, missed }: { works: readonly { run: Run }[]; missed: readonly Run[] },
    note: (what: string) => void,
  ): void {
    if (works.length + missed.length === 0) return
    note(`${works.map(({ run }) => `${run.id} ${run.attempts}`).join(' ')} missed ${missed.length}`)
    this.#parts.coverage.count('runs claimed', works.length)
    this.#see(missed)
  }

  #settled({ runs, released, stale }: SettleReport, note: (what: string) => void): void {
    if (runs.length === 0) return
    note(
      `${runs.map((run) => (run === null ? 'stale' : `${run.id} ${run.status}`)).join(' ')} freed ${released}`,
    )
    this.#parts.coverage.count('reports that came too late', stale)
    this.#parts.coverage.count('queued runs freed', released)
    this.#parts.coverage.count(
      'attempts to be repeated',
      runs.filter((run) => run?.status === 'pending').length,
    )
    this.#see(runs.filter((run) => run !== null))
  }

  #lost(works: readonly LostWork[], note: (what: string) => void): void {
    if (works.length === 0) return
    note(works.map(({ work }) => work.run.id).join(' '))
    this.#parts.coverage.count('runs taken over', works.length)
  }

  #ended(runs: readonly Run[], how: string, note: (what: string) => void): void {
    if (runs.length === 0) return
    note(runs.map(({ id }) => id).join(' '))
    this.#parts.coverage.count(`runs ${how}`, runs.length)
    this.#see(runs)
  }

  #cancelled(report: { run: Run; changed: boolean } | null, note: (what: string) => void): void {
    if (report?.changed !== true) return
    note(`${report.run.id} ${report.run.status}`)
    this.#parts.coverage.count('runs asked to end')
    this.#see([report.run])
  }

  #reported(report: JobChangeReport | null, note: (what: string) => void): void {
    if (report === null) return
    const runs = [...report.runs, ...report.ended, ...report.replaced]
    note(
      `${report.job?.id ?? 'deleted'} ${report.job?.status} ${runs.map(({ id, status }) => `${id} ${status}`).join(' ')}`,
    )
    this.#see(runs)
  }

  #added(jobs: readonly Job[], { kind }: { kind: string }, note: (what: string) => void): void {
    note(`${kind} ${jobs.map(({ id }) => id).join(' ')}`)
    if (kind !== 'added') return
    for (const { id, createdAt, version, spec, plannedThrough } of jobs) {
      const eras = [{ version, spec, after: plannedThrough, owedAfter: plannedThrough }]
      this.jobs.set(id, { id, createdAt, eras, pauses: [], deletedAfter: null })
    }
  }

  /** What was due up to the change, or has been planned already, is owed under the old definition. */
  #changed(before: Job, after: Job | null, now: number): void {
    const known = this.jobs.get(before.id)!
    const through = Math.max(now, before.plannedThrough)
    if (after === null) known.deletedAfter = through
    else if (after.version !== before.version) {
      const { version, spec } = after
      const at = Date.parse(spec.schedule.at ?? 'none')
      const isMoment = at <= now && through === now && spec.schedule.at !== before.spec.schedule.at
      const owedAfter = isMoment ? at - 1 : through
      known.eras.push({ version, spec, after: through, owedAfter })
    }
    const pause = known.pauses.at(-1)
    if (pause !== undefined) pause.to ??= now
    if (after?.status === 'paused' && after.pause !== null && (after.pause.until ?? now + 1) > now)
      known.pauses.push({ from: now, until: after.pause.until, to: null })
  }

  #see(runs: readonly Run[]): void {
    for (const { id, status } of runs) {
      if (!isFinal(status) || this.finals.has(id)) continue
      this.finals.set(id, status)
      this.#parts.coverage.count(`runs ${status}`)
    }
  }
}

/** The same part with one method replaced. */
function withMethod<Part extends object, Name extends keyof Part>(
  part: Part,
  name: Name,
  method: Part[Name],
): Part {
  return new Proxy(part, {
    get: (target, asked) => {
      if (asked === name) return method
      const value = Reflect.get(target, asked)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
