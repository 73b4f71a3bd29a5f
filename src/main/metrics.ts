// Figures in the Prometheus text format. Few labels, so that they stay few however many jobs there are.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { NodeFigures } from '../domain/node.ts'
import type { Clock } from '../ports/clock.ts'
import type { CarillonEvent, Events } from '../ports/events.ts'
import type { Store } from '../ports/store.ts'
import type { BusFigures } from './counted-bus.ts'
import { remembered } from './remembered.ts'
import { version } from './version.ts'

const LAG_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 3_600]

/** At most two series for each quota of each of these. */
const QUOTA_PROJECTS_MAX = 100
const HELP_OF_QUOTAS = { limit: 'how much there may be', used: 'how much of it is used now' } as const

export type Metrics = Events & {
  readonly answered: (request: { method: string; route: string; status: number; ms: number }) => void
  /** Reports that came too late and were refused. */
  readonly stale: (count: number) => void
  /** From now on it tells of the bus, too. */
  readonly bus: (figures: BusFigures) => void
  readonly text: () => Promise<{ contentType: string; text: string }>
}

/** What this node knows of itself. */
export type OwnFigures = {
  readonly epoch: number
  readonly lapses: number
  readonly draining: boolean
  figures(): NodeFigures
}

/** Counts what is told by events; the rest is asked of the store when someone looks. */
export function createMetrics(store: Store, clock: Clock, node: OwnFigures): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const common = { registers: [registry] }
  const info = new Gauge({
    name: 'carillon_build_info',
    help: 'What is running.',
    labelNames: ['version', 'node', 'tzdata'],
    ...common,
  })
  info.set({ version: version.version, node: version.node, tzdata: version.tzdata }, 1)
  const ended = new Counter({
    name: 'carillon_runs_total',
    help: 'Runs that ended, by status, reason and trigger.',
    labelNames: ['status', 'reason', 'trigger'],
    ...common,
  })
  const retries = new Counter({
    name: 'carillon_retries_total',
    help: 'Attempts that ended with a further one to come.',
    ...common,
  })
  const lag = new Histogram({
    name: 'carillon_run_start_lag_seconds',
    help: 'From the due instant to the first attempt.',
    buckets: LAG_BUCKETS,
    ...common,
  })
  const requests = new Histogram({
    name: 'carillon_http_request_duration_seconds',
    help: 'Answers of the API, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5],
    ...common,
  })
  // Counting a million jobs takes a while, and several may scrape each of many servers on one store.
  const stats = remembered(clock, () => store.housekeeping.stats())
  const open = remembered(clock, () => store.runs.counts())
  gauge('carillon_jobs', 'Jobs by status.', ['status'], async (set) => {
    for (const [status, count] of Object.entries((await stats()).jobs)) set({ status }, count)
  })
  gauge('carillon_runs_open', 'Runs that have not ended, by status.', ['status'], async (set) => {
    for (const { status, count } of await open()) set({ status }, count)
  })
  gauge('carillon_callbacks_pending', 'Callbacks still to be delivered.', [], async (set) => {
    set({}, (await stats()).pendingEffects)
  })
  const usage = remembered(clock, () => store.projects.usage(clock.now(), QUOTA_PROJECTS_MAX))
  for (const kind of ['limit', 'used'] as const)
    gauge(
      `carillon_quota_${kind}`,
      `Of projects with quotas (the first ${QUOTA_PROJECTS_MAX} by name): ${HELP_OF_QUOTAS[kind]}.`,
      ['project', 'quota'],
      async (set) => {
        for (const { name: project, usage: quotas } of await usage())
          for (const one of quotas) set({ project, quota: one.quota }, one[kind])
      },
    )
  const stale = new Counter({
    name: 'carillon_stale_writes_total',
    help: 'Ends of attempts that were refused, as another had taken the run over.',
    ...common,
  })
  gauge('carillon_runs_held', 'Runs leased by this node and not yet reported.', [], async (set) =>
    set({}, node.figures().held),
  )
  gauge('carillon_node_lease_lapses', 'Leases this process has lost since its start.', [], async (set) =>
    set({}, node.lapses),
  )
  gauge('carillon_node_draining', '1: this node takes no new work.', [], async (set) =>
    set({}, node.draining ? 1 : 0),
  )
  gauge('carillon_node_epoch', 'Grows with each registration of a node.', [], async (set) =>
    set({}, node.epoch),
  )
  gauge('carillon_clock_skew_seconds', "This machine's clock minus the store's.", [], async (set) =>
    set({}, node.figures().skewMs / 1_000),
  )

  function gauge(
    name: string,
    help: string,
    labelNames: string[],
    collect: (set: (labels: Record<string, string>, value: number) => void) => Promise<void>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      ...common,
      collect() {
        const found: [Record<string, string>, number][] = []
        return collect((labels, value) => void found.push([labels, value])).then(() => {
          // What is no longer told of is not told of as it was.
          this.reset()
          for (const [labels, value] of found) this.set(labels, value)
        })
      },
    })
  }

  /** Of what is counted elsewhere. */
  function counts(
    name: string,
    help: string,
    labelName: string,
    figures: Readonly<Record<string, number>>,
  ): void {
    new Counter({
      name,
      help,
      labelNames: [labelName],
      ...common,
      collect() {
        this.reset()
        for (const [value, count] of Object.entries(figures)) this.inc({ [labelName]: value }, count)
      },
    })
  }

  const endings = new Map<string, number>()

  function count(event: CarillonEvent): void {
    if (event.runId === null) return
    const { status, reason, trigger, dueAt, attempts } = event.data as Record<string, string | number>
    if (status === 'running') {
      if (attempts === 1) lag.observe(Math.max(0, clock.now() - Number(dueAt)) / 1_000)
    } else if (status === 'pending') {
      if (Number(attempts) > 0) retries.inc()
    } else if (status !== 'cancelling') {
      const kind = `${status} ${reason ?? ''} ${trigger}`
      endings.set(kind, (endings.get(kind) ?? 0) + 1)
    }
  }

  /** Thousands that end together are few kinds: looking up a counter by its labels costs more than counting. */
  function countEndings(): void {
    for (const [kind, many] of endings) {
      const [status = '', reason = '', trigger = ''] = kind.split(' ')
      ended.inc({ status, reason, trigger }, many)
    }
    endings.clear()
  }

  return {
    publish(events) {
      events.forEach(count)
      countEndings()
    },
    answered: ({ method, route, status, ms }) => requests.observe({ method, route, status }, ms / 1_000),
    stale: (count) => stale.inc(count),
    bus({ trouble, published, taken, jobs }) {
      gauge('carillon_bus_jobs', 'Jobs of Simple Scheduler that this server looks after.', [], async (set) =>
        set({}, jobs()),
      )
      gauge('carillon_bus_connected', '1: the message bus can be published to.', [], async (set) =>
        set({}, trouble() === null ? 1 : 0),
      )
      counts('carillon_bus_published_total', 'Messages published, by what the bus said.', 'answer', published)
      counts(
        'carillon_bus_taken_total',
        'Messages of workers: understood, or dead letters.',
        'verdict',
        taken,
      )
    },
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
