// Several chunks under way on a server where anything fails by chance, and which is replaced now and then: whatever was
// acknowledged is there at that moment, and in the end all of it is, once and in order.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendLog } from '../../src/commands/log/append-log.ts'
import { sealLog } from '../../src/commands/log/seal-log.ts'
import type { BlobStore } from '../../src/ports/blob-store.ts'
import { frames, LogWorld, refOf } from './log-world.ts'

const CHUNKS = 60
const WINDOW = 4

function diceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

for (const seed of Array.from({ length: 24 }, (_, n) => n + 1)) {
  test(`what is acknowledged is there, and all of it in the end, seed ${seed}`, async () => {
    await using log = await LogWorld.open()
    const ref = refOf(await log.world.running())
    const dice = diceOf(seed)
    const pause = async (): Promise<void> => {
      for (let turn = dice() * 8; turn > 0; turn -= 1) await new Promise(setImmediate)
    }
    const { ctx, store, clock } = log.house
    const { blobs } = ctx
    const advance = store.logs.advance.bind(store.logs)
    store.logs.advance = async (...step) => {
      await pause()
      if (dice() < 0.1) throw new Error('the store is away')
      const taken = await advance(...step)
      // It has moved on, and nobody is told.
      if (dice() < 0.1) throw new Error('the answer of the store was lost')
      return taken
    }
    /** A server of its own, as far as what is under way is concerned. */
    const opened = (): typeof ctx => ({ ...ctx, blobs: unreliable(blobs) })
    const unreliable = (of: BlobStore): BlobStore =>
      new Proxy(of, {
        get: (target, name) => {
          const method = (Reflect.get(target, name) as (...values: unknown[]) => Promise<unknown>).bind(
            target,
          )
          if (name !== 'put') return method
          return async (...values: unknown[]) => {
            await pause()
            if (dice() < 0.1) throw new Error('the disk is full')
            return method(...values)
          }
        },
      })
    let server = opened()
    const said = (n: number): string => `chunk ${n} of ${CHUNKS}\n`.repeat(1 + (n % 5))
    const bring = async (sequence: number): Promise<void> => {
      for (;;) {
        await pause()
        if (dice() < 0.05) server = opened()
        try {
          const chunk = { ...ref, sequence, frames: frames(['stdout', said(sequence)]) }
          await appendLog(server, chunk, dice() < 0.5 ? 5_000 : 0)
          assert.ok(((await store.logs.get(ref))?.chunks ?? 0) > sequence, 'it was acknowledged')
          return
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error
        }
      }
    }
    let done = false
    const time = (async () => {
      while (!done) {
        clock.advance(50)
        await new Promise(setImmediate)
      }
    })()
    const lanes = Array.from({ length: WINDOW }, async (_, lane) => {
      for (let n = lane; n < CHUNKS; n += WINDOW) await bring(n)
    })
    await Promise.all(lanes)
    done = true
    await time
    const whole = Array.from({ length: CHUNKS }, (_, n) => said(n)).join('')
    assert.equal(await log.text(ref.runId), whole)
    await sealLog(ctx, { ...ref, chunks: CHUNKS })
    assert.equal(await log.text(ref.runId), whole)
    assert.deepEqual(await log.lines(ref.runId, { from: 100, limit: 1 }), [
      `100 stdout: ${whole.split('\n')[99]}`,
    ])
  })
}
