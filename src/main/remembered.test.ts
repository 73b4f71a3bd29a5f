import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remembered } from './remembered.ts'

class Teller {
  now = 0
  looks = 0
  takesMs = 0
  failing = false

  readonly ask = remembered({ monotonic: () => this.now }, async () => {
    this.looks += 1
    await Promise.resolve()
    this.now += this.takesMs
    if (this.failing) throw new Error('away')
    return this.looks
  })
}

test('who comes soon after another gets the same answer', async () => {
  const teller = new Teller()
  assert.deepEqual(await Promise.all([teller.ask(), teller.ask()]), [1, 1])
  teller.now += 999
  assert.equal(await teller.ask(), 1)
  teller.now += 1
  assert.equal(await teller.ask(), 2)
})

test('the longer it takes to look, the longer the answer serves', async () => {
  const teller = new Teller()
  teller.takesMs = 400
  assert.equal(await teller.ask(), 1)
  teller.now += 7_999
  assert.equal(await teller.ask(), 1)
  teller.now += 1
  assert.equal(await teller.ask(), 2)
})

test('a failure is told to those who waited, and not remembered', async () => {
  const teller = new Teller()
  teller.failing = true
  const both = await Promise.allSettled([teller.ask(), teller.ask()])
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  teller.failing = false
  assert.equal(await teller.ask(), 2)
})
