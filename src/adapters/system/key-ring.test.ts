import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSealingKey, KeyRing, makeSealingKey, sealingKeysOf } from './key-ring.ts'

test('what is sealed opens where it belongs, and nowhere else', () => {
  const ring = new KeyRing([makeSealingKey()])
  const sealed = ring.seal('a value ✓', 'here')
  assert.equal(ring.open(sealed, 'here'), 'a value ✓')
  assert.throws(() => ring.open(sealed, 'there'), /sealed for something else/)
  assert.notEqual(ring.seal('a value ✓', 'here').text, sealed.text, 'twice the same does not look the same')
  const bytes = Buffer.from(sealed.text, 'base64')
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    assert.throws(() => ring.open({ ...sealed, text: changed.toString('base64') }, 'here'))
  }
  assert.throws(() => ring.open({ ...sealed, text: 'AAAA' }, 'here'), /cut/)
  assert.throws(() => new KeyRing([makeSealingKey()]).open(sealed, 'here'), /is not there/)
})

test('the first key seals, all of them open', () => {
  const [old, young] = [makeSealingKey(), makeSealingKey()]
  const sealed = new KeyRing([old]).seal('a value', 'here')
  const both = new KeyRing([young, old])
  assert.equal(both.open(sealed, 'here'), 'a value')
  assert.notEqual(both.seal('a value', 'here').keyId, sealed.keyId)
  assert.deepEqual(both.keyIds, [both.keyId, sealed.keyId])
})

test('a new key is kept before it seals; old ones go when nothing needs them', async () => {
  const kept: (readonly string[])[] = []
  const first = makeSealingKey()
  const ring = new KeyRing([first], async (texts) => void kept.push(texts))
  const before = ring.keyId
  assert.equal(await ring.renew(), true)
  assert.notEqual(ring.keyId, before)
  assert.equal(kept[0]?.[1], first)
  await ring.retire([before])
  assert.equal(kept.length, 1)
  await ring.retire([])
  assert.deepEqual(ring.keyIds, [ring.keyId])
  assert.equal(kept[1]?.length, 1)
  assert.equal(await new KeyRing([first]).renew(), false)
})

test('of keys that are made at once none is lost', async () => {
  let file: readonly string[] = []
  const writes: PromiseWithResolvers<void>[] = []
  const ring = new KeyRing([makeSealingKey()], async (texts) => {
    const written = Promise.withResolvers<void>()
    writes.push(written)
    await written.promise
    file = texts
  })
  const first = ring.keyId
  const [renewed, again, retired] = [ring.renew(), ring.renew(), ring.retire([first])]
  for (let write = 0; write < 3; write += 1) {
    await new Promise(setImmediate)
    assert.ok(writes.length <= write + 1, 'one write at a time')
    writes[write]?.resolve()
  }
  assert.deepEqual([await renewed, await again], [true, true])
  await retired
  assert.deepEqual(ring.keyIds.slice(1), [first])
  const { keyIds } = new KeyRing(file)
  assert.deepEqual(keyIds, ring.keyIds)
})

test('a key that could not be kept seals nothing, and the next one is made all the same', async () => {
  let full = true
  const ring = new KeyRing([makeSealingKey()], async () => {
    if (full) throw new Error('the disk is full')
  })
  const first = ring.keyId
  await assert.rejects(ring.renew(), /disk is full/)
  assert.deepEqual(ring.keyIds, [first])
  full = false
  assert.equal(await ring.renew(), true)
  assert.equal(ring.keyIds.length, 2)
})

test('keys are read in base64 and hex, by commas and lines', () => {
  const hex = 'ab'.repeat(32)
  const base64 = Buffer.from(hex, 'hex').toString('base64')
  assert.deepEqual(sealingKeysOf(`${hex},\n ${base64}\n`), [hex, base64])
  assert.equal(new KeyRing([hex]).keyId, new KeyRing([base64]).keyId)
  for (const bad of ['', 'short', `${hex}00`, 'x'.repeat(44)]) assert.equal(isSealingKey(bad), false, bad)
})
