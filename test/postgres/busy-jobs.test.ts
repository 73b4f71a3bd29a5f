// Someone is just ending a run that a plan wants to queue behind: that job is left for the next step, once. A step that
// looked at it again and again would hold what the other waits for, and neither would come to its end.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import type { DueJob } from '../../src/ports/store.ts'
import { at, NODE, owes, queued, SECOND, seededChance, World } from '../contracts/world.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { onStoryTime } from '../support/postgres-store.ts'

const server = await PostgresServer.start()
after(() => server[Symbol.asyncDispose]())

test('a step looks at a busy job once, plans the others and leaves it due', async () => {
  const url = await server.database()
  const chance = seededChance()
  await using world = await World.around(await onStoryTime(url, chance), chance)
  const waiting = await world.job({ policy: { overlap: 'queue' } })
  const first = await world.plan(() => owes({ runs: [at(world.now)], nextDueAt: world.now + SECOND }), 10)
  assert.equal(first.leased.length, 1)
  world.now += SECOND
  const other = await world.job()

  const looked: string[] = []
  const decide = ({ job }: DueJob) => {
    looked.push(job.id)
    const run = job.id === waiting.id ? queued(world.now) : at(world.now)
    return owes({ runs: [run], nextDueAt: null })
  }
  const step = () =>
    world.store.runs.plan({ now: world.now, limit: 100, nodeId: NODE, slots: 10, onlyFitting: true }, decide)

  const someone = new pg.Client(url)
  await someone.connect()
  try {
    await someone.query('BEGIN; SELECT 1 FROM runs FOR UPDATE')
    const { jobs, runs, leased } = await step()
    assert.deepEqual(looked.toSorted(), [waiting.id, other.id].toSorted())
    assert.equal(jobs, 2)
    assert.deepEqual(
      [runs, leased.map(({ run }) => run)].map((list) => list.map(({ jobId }) => jobId)),
      [[other.id], [other.id]],
    )
    assert.equal(await world.store.runs.nextDueAt(), world.now)
  } finally {
    await someone.end()
  }
  const { runs } = await step()
  assert.deepEqual(
    runs.map(({ jobId }) => jobId),
    [waiting.id],
  )
})
