// The page holds what a reader looks for, and nothing from a history can break out of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkHistory } from '../checker/check.ts'
import { historyOf, soundParts } from '../checker/sound-history.ts'
import { pack } from './lanes.ts'
import { timelinePage } from './timeline-page.ts'

test('of a history with a fault: the finding, its job, every node, every fault', () => {
  const parts = soundParts()
  parts.runs.splice(
    parts.runs.findIndex(({ id }) => id === 'run_tick_5'),
    1,
  )
  const history = historyOf(parts)
  const page = timelinePage('seed <7>', history, checkHistory(history))
  assert.match(page, /record: tick 2026-11-21T08:00:05.000Z was owed and has no entry/)
  for (const lane of ['store', 'n1', 'n2', 'n3', 'sink', 'clients', 'tick'])
    assert.match(page, new RegExp(`px">${lane}</div>`))
  assert.match(page, /<b>kill<\/b>/)
  assert.match(page, /<h1>seed &#60;7&#62;<\/h1>/)
  assert.doesNotMatch(page, /px">once<\/div>/, 'a job without findings has no lane of its own')
  assert.doesNotMatch(page, /(?:src|href)=/, 'it needs nothing else')
})

test('of a sound history: valid', () => {
  const history = historyOf(soundParts())
  assert.match(timelinePage('sound', history, checkHistory(history)), /<p class="good">valid<\/p>/)
})

test('marks are packed into rows in which none lies on another', () => {
  const mark = (from: number, to: number) => ({ from, to, kind: 'ok', says: '' })
  const rows = pack([mark(0, 10), mark(5, 15), mark(11, 20), mark(16, 18)])
  assert.deepEqual(
    rows.map((row) => row.map(({ from }) => from)),
    [
      [0, 11],
      [5, 16],
    ],
  )
})
