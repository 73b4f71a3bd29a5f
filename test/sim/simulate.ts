// One simulation, from its seed to its verdict: nodes with the real engine and commands over one real store in memory,
// all on one timeline. First come the faults, then all is healed, then what was owed has to have happened.

import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import type { Store } from '../../src/ports/store.ts'
import { Acquaintance, Client } from './clients.ts'
import { Coverage } from './coverage.ts'
import { chanceOf, Dice } from './dice.ts'
import { Drafts } from './drafts.ts'
import { FaultLog } from './fault-log.ts'
import { judge } from './judge.ts'
import { Nemesis } from './nemesis.ts'
import { Outside } from './outside.ts'
import { readHistory } from './read-history.ts'
import { Recorder } from './recorder.ts'
import { Rumour } from './rumour.ts'
import { SimNode } from './sim-node.ts'
import { optionsOf, type SimOptions, type Wanted } from './sim-options.ts'
import { Weather } from './store-path.ts'
import { Timeline } from './timeline.ts'
import { Trace } from './trace.ts'

export type Simulated = {
  readonly options: SimOptions
  /** What is wrong, one line each; empty: nothing. */
  readonly faults: readonly string[]
  /** Of all that happened, in its order. */
  readonly hash: string
  readonly coverage: Readonly<Record<string, number>>
  readonly events: number
  /** The last lines of what happened. */
  readonly last: readonly string[]
}

export type Simulation = Wanted & {
  /** Stands between the nodes and the store: a planted bug. */
  readonly spoil?: (store: Store) => Store
  readonly say?: (line: string) => void
}

const T0 = Date.UTC(2030, 0, 1)
const HOUR = 3_600_000
/** Longer than a hold of a callback, all retries and a catch-up together. */
const HEALING_MS = 10 * 60_000
/** In the end nothing new comes, and what is under way ends. */
const QUIET_MS = 60_000

export async function simulate(wanted: Simulation): Promise<Simulated> {
  const options = optionsOf(wanted)
  const { seed } = options
  const timeline = new Timeline()
  const trace = new Trace(wanted.say)
  const coverage = new Coverage()
  const chance = chanceOf(new Dice(seed, 'product'))
  const seen = { timeline, trace, coverage }

  let stepped = 0
  const storeNow = (): number => T0 + Math.floor(timeline.now) + stepped
  await using disk = openSqliteStore({ path: ':memory:', chance })
  const recorder = new Recorder(seen)
  const watched = recorder.watch(disk)
  const store = wanted.spoil?.(watched) ?? watched
  const weather = new Weather()
  weather.clear(options.latency)
  const defects: string[] = []
  const onDefect = (what: string): void => {
    defects.push(what)
    trace.note(timeline.now, 'defect', what)
  }
  const faultLog = new FaultLog(storeNow)
  const outside = new Outside({ ...seen, dice: new Dice(seed, 'outside'), storeNow })
  const rumour = new Rumour(timeline, new Dice(seed, 'hints'))
  const path = {
    ...seen,
    weather,
    rumour,
    dice: new Dice(seed, 'store'),
    storeNow,
    observe: recorder.observe,
    onDefect,
  }
  const nodes = Array.from({ length: options.nodes }, (_, n) => {
    const dice = new Dice(seed, `node ${n}`)
    return new SimNode(`node${n + 1}`, {
      ...seen,
      dice,
      chance,
      store,
      path,
      outside,
      options,
      faultLog,
      onDefect,
    })
  })
  const known = new Acquaintance(new Drafts(new Dice(seed, 'drafts')))
  const clients = Array.from({ length: options.clients }, (_, n) => {
    const dice = new Dice(seed, `client ${n}`)
    const jobsMax = options.jobs
    return new Client(`client${n + 1}`, known, { ...seen, dice, nodes, storeNow, jobsMax, onDefect })
  })
  const stepClock = (ms: number): void => {
    stepped += ms
  }
  const nemesis = new Nemesis({
    ...seen,
    dice: new Dice(seed, 'nemesis'),
    nodes,
    clients,
    weather,
    outside,
    options,
    faultLog,
    stepClock,
  })

  const end = options.hours * HOUR
  const healing = Math.max(end / 2, end - HEALING_MS)
  for (const node of nodes) node.start()
  for (const client of clients) void client.work(healing)
  void nemesis.work(healing)
  let wrong: string[] = []
  try {
    await timeline.run(healing)
    nemesis.heal()
    await timeline.run(end - QUIET_MS)
    void clients[0]!.quieten([...recorder.jobs.keys()])
    await timeline.run(end)
    const history = await readHistory(disk, recorder, {
      options,
      clients,
      outside,
      defects,
      faults: faultLog.faults,
      endedAt: storeNow(),
    })
    for (const [id, { runs }] of history.ledgers) trace.note(timeline.now, id, JSON.stringify(runs))
    wrong = judge(history, coverage)
  } catch (error) {
    wrong = [`the simulation ended early: ${error instanceof Error ? error.stack : error}`]
  }
  for (const node of nodes) node.kill('the end')
  return {
    options,
    faults: wrong,
    hash: trace.digest(),
    coverage: coverage.toRecord(),
    events: timeline.events,
    last: trace.last,
  }
}
