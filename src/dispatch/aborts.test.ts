import assert from 'node:assert/strict'
import test from 'node:test'
import { Aborts } from './aborts.ts'

function listener() {
  const item = {
    cancelled: 0,
    cancel() {
      item.cancelled += 1
    },
    handleEvent() {
      item.cancel()
    },
  }
  return item
}

test('a signal reaches all that still watch it, alone or shared, once', () => {
  const aborts = new Aborts()
  const controller = new AbortController()
  const items = Array.from({ length: 5 }, listener)
  for (const item of items) aborts.watch(controller.signal, item)
  aborts.forget(controller.signal, items[0]!)
  aborts.forget(controller.signal, items[3]!)
  controller.abort()
  assert.deepEqual(
    items.map(({ cancelled }) => cancelled),
    [0, 1, 1, 0, 1],
  )
})

test('two signals in turn keep their calls apart', () => {
  const aborts = new Aborts()
  const [one, other] = [new AbortController(), new AbortController()]
  const items = Array.from({ length: 6 }, listener)
  items.forEach((item, n) => {
    aborts.watch(n % 2 === 0 ? one.signal : other.signal, item)
  })
  one.abort()
  assert.deepEqual(
    items.map(({ cancelled }) => cancelled),
    [1, 0, 1, 0, 1, 0],
  )
})
