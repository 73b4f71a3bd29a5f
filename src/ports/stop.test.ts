import assert from 'node:assert/strict'
import test from 'node:test'
import { Stop } from './stop.ts'

test('a stop tells each of its listeners once', () => {
  const stop = new Stop()
  const told: string[] = []
  const listener = { handleEvent: () => told.push('object') }
  const forgotten = (): void => void told.push('forgotten')
  stop.addEventListener('abort', listener)
  stop.addEventListener('abort', listener)
  stop.addEventListener('abort', forgotten)
  stop.addEventListener('abort', () => told.push('function'))
  stop.removeEventListener('abort', forgotten)
  assert.equal(stop.aborted, false)
  stop.stop()
  stop.stop()
  assert.equal(stop.aborted, true)
  assert.deepEqual(told, ['object', 'function'])
})
