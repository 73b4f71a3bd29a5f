// What can go wrong, one function for each. How long a fault lasts is the fault itself, drawn from the seed; it is not a
// wait for something.

import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import type { NodeProcess } from '../cast/node-process.ts'
import type { PostgresPair } from '../cast/postgres-pair.ts'
import type { FaultKind } from '../checker/history.ts'
import type { Roads } from './roads.ts'
import type { Stage } from './stage.ts'

/** To a node, where it is a fault of one; what it does to the store it does to all. */
export type Harm = (stage: Stage, node: NodeProcess) => Promise<void>

const HOUR = 3_600_000

export const HARMS: Readonly<Record<FaultKind, Harm>> = {
  kill: (stage, node) =>
    stage.harm('kill', node, async () => {
      await node.kill()
      await pause(stage.random.integer(0, 1_500))
      await node.start()
    }),

  // Longer than its lease lasts: others take over, and what it does on waking comes too late.
  stop: (stage, node) =>
    stage.harm('stop', node, async () => {
      node.hold()
      await pause(stage.random.integer(11_000, 12_500))
      node.release()
    }),

  // Shorter than that: nobody takes over.
  pause: (stage, node) =>
    stage.harm('pause', node, async () => {
      node.hold()
      await pause(stage.random.integer(1_500, 2_300))
      node.release()
    }),

  stall: (stage, node) =>
    stage.harm('stall', node, async () => {
      const ms = stage.random.integer(11_000, 12_500)
      node.stall(ms)
      await pause(ms)
    }),

  cut: (stage, node) =>
    onTheRoad('cut', stage, node, (roads) => roads.each((road) => road.cut()), 1_500, 8_500),

  'half-open': (stage, node) =>
    onTheRoad('half-open', stage, node, (roads) => roads.each((road) => road.silence()), 7_500, 9_500),

  'one-way': (stage, node) => {
    const direction = stage.random.pick(['out', 'in'] as const)
    return onTheRoad(
      'one-way',
      stage,
      node,
      (roads) => roads.each((road) => road.block(direction)),
      7_500,
      9_500,
    )
  },

  slow: (stage, node) => {
    const delayMs = stage.random.integer(40, 120)
    return onTheRoad('slow', stage, node, (roads) => roads.each((road) => road.slow(delayMs)), 4_000, 5_000)
  },

  // Again and again in the middle of what is said, and at the word that makes it last: before it and after it.
  reset: (stage, node) =>
    stage.harm('reset', node, async () => {
      for (let n = 0; n < 12; n += 1) await springOnce(stage, roadsOf(stage, node), n)
    }),

  clock: (stage, node) =>
    stage.harm('clock', node, async () => {
      for (const offset of [HOUR, -HOUR, 0]) {
        node.clock?.set(offset)
        await pause(offset === 0 ? 0 : stage.random.integer(2_500, 3_500))
      }
    }),

  // One after the other, as at an upgrade.
  restart: async (stage) => {
    for (const node of stage.nodes) {
      await stage.harm('restart', node, async () => {
        await stage.stop(node)
        await node.start()
      })
    }
  },

  'all-down': (stage) =>
    stage.harm('all-down', null, async () => {
      await Promise.all(stage.nodes.map((node) => node.kill()))
      await pause(stage.random.integer(6_000, 9_000))
      await Promise.all(stage.nodes.map((node) => node.start()))
    }),

  'backend-kill': (stage) =>
    stage.harm('backend-kill', null, async () => {
      const { primary } = pairOf(stage)
      const rows = await primary.query<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE datname LIKE 'bed%' AND pid <> pg_backend_pid() ORDER BY pid",
      )
      if (rows.length === 0) throw new Error('nobody is connected to the store')
      process.kill(stage.random.pick(rows).pid, 'SIGKILL')
      await answers(stage)
    }),

  'store-restart': (stage) =>
    stage.harm('store-restart', null, async () => {
      const { primary } = pairOf(stage)
      await primary.stop('fast')
      await primary.start()
    }),

  'store-kill': (stage) =>
    stage.harm('store-kill', null, async () => {
      const { primary } = pairOf(stage)
      await primary.stop('immediate')
      await pause(stage.random.integer(0, 2_000))
      await primary.start()
    }),

  failover: async (stage) => {
    await stage.harm('failover', null, () => pairOf(stage).failOver())
    await pairOf(stage).rejoin()
  },
}

async function onTheRoad(
  kind: FaultKind,
  stage: Stage,
  node: NodeProcess,
  begin: (roads: Roads) => void,
  minMs: number,
  maxMs: number,
): Promise<void> {
  const roads = roadsOf(stage, node)
  await stage.harm(kind, node, async () => {
    begin(roads)
    await pause(stage.random.integer(minMs, maxMs))
    roads.each((road) => road.heal())
  })
}

async function springOnce({ random }: Stage, roads: Roads, n: number): Promise<void> {
  const sprung = roads.all.map((road) =>
    n % 3 === 0 ? road.resetAfter(random.integer(1, 4_000)) : road.resetAt('COMMIT', n % 3 === 1),
  )
  await Promise.race([...sprung, pause(400)])
  roads.each((road) => road.heal())
}

function roadsOf(stage: Stage, node: NodeProcess): Roads {
  const roads = stage.roads.get(node.name)
  if (roads === undefined) throw new Error(`${node.name} has no road to its store`)
  return roads
}

function pairOf({ pair }: Stage): PostgresPair {
  if (pair === null) throw new Error('the store is no process of its own')
  return pair
}

/** After one of its processes was killed PostgreSQL ends all and begins anew. */
async function answers(stage: Stage): Promise<void> {
  await until('the store answers again', 30_000, () =>
    pairOf(stage)
      .primary.query('SELECT 1')
      .then(
        () => true,
        () => false,
      ),
  )
}
