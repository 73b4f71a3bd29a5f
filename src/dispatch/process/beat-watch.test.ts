import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../test/support/system-clock.ts'
import { BeatWatch } from './beat-watch.ts'

test('what is in the way of a look is told once and ends nothing', () => {
  const misheard: string[] = []
  const watch = new BeatWatch({
    file: {
      look: () => {
        throw new RangeError('too far')
      },
    },
    clock: systemClock,
    silentMs: null,
    onNews: () => assert.fail('there is no news'),
    onMisheard: (what) => misheard.push(what),
  })
  const listener = { extend: () => assert.fail('nobody asked for time'), silent: () => undefined }
  watch.look(listener)
  watch.look(listener)
  assert.deepEqual(misheard, ['CARILLON_BEAT cannot be read: too far'])
})
