// One play: jobs and clients, fault after fault, then everything heals, comes to rest, is written down and judged.

import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../../../src/ports/store.ts'
import type { CarillonClient, JobDraft } from '../../../src/sdk/index.ts'
import { until } from '../../support/until.ts'
import { checkHistory, type Verdict } from '../checker/check.ts'
import type { FaultKind, History, Limits, NodeStart } from '../checker/history.ts'
import { Clients } from './clients.ts'
import { HARMS } from './harms.ts'
import { loadOf } from './load.ts'
import { readBook } from './read-book.ts'
import { Stage, type StageOptions } from './stage.ts'

/** Faults that happen at one time, each to a node of its own. */
export type Act = readonly FaultKind[]

export type Play = StageOptions & {
  readonly acts: readonly Act[]
  readonly limits?: Partial<Limits>
  /** How long to wait in the end until nothing is open. */
  readonly quietMs?: number
  /** Default: one of each kind. */
  readonly load?: (sink: string) => readonly JobDraft[]
}

export type Played = Verdict & {
  readonly history: History
  /** What the nodes said. */
  readonly logs: Readonly<Record<string, string>>
}

/** Generous where the machine is small and shared; what is reached is in the figures. */
export const LIMITS: Limits = { onTimeMs: 5_000, takeoverMs: 10_000, recoverMs: 20_000, inFlightMs: 1_000 }

const WARM_MS = 2_500
const REST_MIN_MS = 1_000
const REST_MAX_MS = 2_000
const QUIET_WITHIN_MS = 60_000

export async function play(options: Play): Promise<Played> {
  await using stage = await Stage.open(options)
  const drafts = (options.load ?? loadOf)(stage.sink.url)
  using clients = new Clients(() => stage.client(), stage.sink.url, stage.random, `seed ${options.seed}`)
  await clients.createAll(drafts)
  clients.begin()
  await pause(WARM_MS)
  for (const act of options.acts) {
    await perform(stage, act)
    await stage.count()
    await pause(stage.random.integer(REST_MIN_MS, REST_MAX_MS))
  }
  await clients.stop()
  await clients.pauseAll(drafts.map(({ name }) => name))
  await comesToRest(() => stage.client(), options.quietMs ?? QUIET_WITHIN_MS)
  await stage.count()
  await Promise.all(stage.nodes.map((node) => stage.stop(node)))

  await using store = await stage.openStore()
  const jobIds = clients.calls.flatMap(({ said }) => said?.jobId ?? [])
  const history: History = {
    calls: clients.calls,
    ...stage.sink.heard(),
    starts: await startsOf(store, stage),
    faults: stage.faults,
    incidents: stage.incidents,
    book: await readBook(store, jobIds),
    limits: { ...LIMITS, ...options.limits },
    counts: { repeats: clients.repeats, staleWrites: stage.staleWrites },
  }
  const logs = Object.fromEntries(stage.nodes.map(({ name, log }) => [name, log]))
  return { ...checkHistory(history), history, logs }
}

/** Who is hit is drawn anew each time, so that in one act nobody is hit twice. */
async function perform(stage: Stage, act: Act): Promise<void> {
  const left = [...stage.nodes]
  const wearsClock = left.find(({ clock }) => clock !== null)
  await Promise.all(
    act.map((kind) => {
      const node = kind === 'clock' && wearsClock !== undefined ? wearsClock : stage.random.pick(left)
      if (left.length > 1) left.splice(left.indexOf(node), 1)
      return HARMS[kind](stage, node)
    }),
  )
}

/** Waits until nothing is open. What does not come to rest in time is for the judge to name. */
async function comesToRest(client: () => CarillonClient | null, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs
  const none = (what: string, look: (client: CarillonClient) => Promise<{ items: unknown[] }>) =>
    until(what, end - performance.now(), async () => {
      const asked = client()
      return asked !== null && (await look(asked).catch(() => null))?.items.length === 0
    })
  const open = ['pending', 'running', 'cancelling'] as const
  try {
    await none('every one-time job has rung', (asked) => asked.jobs.list({ status: 'active', limit: 1 }))
    await none('every run has ended', (asked) => asked.runs.list({ status: open, limit: 1 }))
    await none('every callback is told', (asked) => asked.callbacks.list({ status: 'pending', limit: 1 }))
  } catch {
    // It is in the book.
  }
}

/** Under which identities the processes worked, as the store knows them. One that lapsed came back under a new one. */
async function startsOf(store: Store, { nodes }: Stage): Promise<NodeStart[]> {
  const known = await store.nodes.list(NODES_MAX)
  const registered = known.map(({ hostname, id, startedAt }) => ({
    node: hostname,
    nodeId: id,
    at: startedAt,
  }))
  const nameless = nodes
    .flatMap(({ starts }) => starts)
    .filter(({ node, pid }) => !known.some((one) => one.hostname === node && one.pid === pid))
    // It must have worked under the identity of another.
    .map(({ node, at }) => ({ node, nodeId: known.find(({ hostname }) => hostname === node)?.id ?? '?', at }))
  return [...registered, ...nameless]
}

const NODES_MAX = 100_000
