import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type StoreKind, World } from './world.ts'

export function sequencesContract(kind: StoreKind): void {
  test('numbers count up from 1, each sequence for itself', async () => {
    await using world = await World.open(kind)
    const { sequences } = world.store
    assert.equal(await sequences.take('a', 1), 1)
    assert.equal(await sequences.take('a', 1_000), 2)
    assert.equal(await sequences.take('a', 1), 1_002)
    assert.equal(await sequences.take('b', 5), 1)
    const taken = await Promise.all(Array.from({ length: 20 }, () => sequences.take('c', 3)))
    assert.deepEqual(
      taken.sort((one, other) => one - other),
      Array.from({ length: 20 }, (_, n) => 1 + 3 * n),
    )
  })
}
