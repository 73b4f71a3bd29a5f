// The pool alone, with connections that are none and a clock held by hand.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connection } from '../../src/adapters/postgres/connection.ts'
import { Pool } from '../../src/adapters/postgres/pool.ts'
import { HandClock } from '../support/hand-clock.ts'

type Fake = { lost: boolean; destroyed: boolean }

function world(max: number) {
  const clock = new HandClock(0)
  const opening: ((connection: Connection) => void)[] = []
  const connect = () => new Promise<Connection>((resolve) => opening.push(resolve))
  const pool = new Pool({ connect, max, checkoutMs: 1_000, clock })
  const open = async (): Promise<Connection & Fake> => {
    const fake = { lost: false, destroyed: false, close: async () => {} }
    const made = Object.assign(fake, {
      destroy: () => {
        fake.destroyed = true
      },
    }) as unknown as Connection & Fake
    opening.shift()!(made)
    await settled()
    return made
  }
  return { clock, pool, open, opening }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a connection that was opened for someone who gave up goes to the next one', {
  timeout: 10_000,
}, async () => {
  const { clock, pool, open, opening } = world(1)
  const first = pool.acquire()
  const broken = await open()
  assert.equal((await first).connection, broken)
  const waited = assert.rejects(pool.acquire(), /no connection to the database was free within 1000 ms/)
  broken.lost = true
  pool.release(broken)
  assert.equal(opening.length, 1, 'the place it gave back is used for the one that waits')
  await clock.advance(1_001, settled)
  await waited
  const late = await open()
  const next = await pool.acquire()
  assert.equal(next.connection, late)
  pool.release(late)
})

test('after a failover what is in use is given up when it comes back', { timeout: 10_000 }, async () => {
  const { pool, open } = world(2)
  const [one, other] = [pool.acquire(), pool.acquire()]
  const [idle, used] = [await open(), await open()]
  await Promise.all([one, other])
  pool.release(idle)
  pool.distrustAll()
  assert.deepEqual([idle.destroyed, used.destroyed], [true, false])
  pool.release(used)
  assert.equal(used.destroyed, true)
  const next = pool.acquire()
  const fresh = await open()
  assert.equal((await next).connection, fresh)
})
