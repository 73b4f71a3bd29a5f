// What a transaction has read of its own writing is not remembered: it may be taken back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reader } from '../../src/adapters/postgres/database.ts'
import { Specs } from '../../src/adapters/postgres/specs.ts'

function reading(text: string): Reader & { asked: number } {
  const reader = {
    asked: 0,
    all: async () => {
      reader.asked += 1
      return [{ jobNo: 7, version: 2, spec: JSON.stringify({ name: text, schedule: {} }) }]
    },
  }
  return reader as unknown as Reader & { asked: number }
}

const ref = { jobNo: 7, version: 2 }

test('a version that was read where versions are written is read again by others', async () => {
  const specs = new Specs()
  const taken = reading('taken back')
  specs.doubt(taken)
  assert.equal((await specs.of(taken, [ref]))(ref).name, 'taken back')
  const committed = reading('committed')
  assert.equal((await specs.of(committed, [ref]))(ref).name, 'committed')
  await specs.of(committed, [ref])
  assert.equal(committed.asked, 1, 'that one is remembered')
})

test('when another server has become the primary nothing is taken for granted', async () => {
  const specs = new Specs()
  await specs.of(reading('lost with the old one'), [ref])
  specs.forget()
  assert.equal((await specs.of(reading('of the new one'), [ref]))(ref).name, 'of the new one')
})
