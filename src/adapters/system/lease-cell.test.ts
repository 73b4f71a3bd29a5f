import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LeaseCell } from './lease-cell.ts'

test('what one side of a cell says the other hears', () => {
  const cell = new LeaseCell()
  const far = new LeaseCell(cell.memory)
  assert.equal(far.holds(), false)
  cell.holdFor(60_000)
  assert.equal(far.holds(), true)
  cell.holdFor(0)
  assert.equal(far.holds(), false)
  cell.holdFor(1_000 * 365 * 86_400_000)
  assert.equal(far.holds(), true)
})
