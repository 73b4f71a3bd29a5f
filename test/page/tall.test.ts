// Scrolling through more rows than an element may be high: every row is reached, by steps and by the bar.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CANVAS_ROWS, canvasRows, type Place, placeOf, scrolledTo, type Tall } from '../../ui/src/log/tall.ts'

const SIGHT = 27.5
const COUNTS = [0, 1, 20, 5_000, CANVAS_ROWS, CANVAS_ROWS + 1, 1_000_000, 50_000_000]

const rowOf = ({ shift, top }: Place): number => shift + top

/** What a browser lets one scroll to. */
const lastTop = ({ count }: Tall): number => Math.max(0, canvasRows(count) - SIGHT)

function sound(place: Place, tall: Tall): void {
  assert.ok(Number.isInteger(place.shift), 'rows lie at whole places')
  assert.ok(place.shift >= 0 && place.shift <= tall.count - canvasRows(tall.count), JSON.stringify(place))
  assert.ok(place.top >= 0 && place.top <= lastTop(tall) + 1, JSON.stringify({ place, tall }))
}

test('any row can be shown', () => {
  for (const count of COUNTS) {
    const tall = { count, sight: SIGHT }
    const last = Math.max(0, count - SIGHT)
    for (const share of [0, 0.001, 0.2, 0.5, 0.777, 0.999, 1]) {
      const row = Math.round(last * share)
      const place = placeOf(row, tall)
      sound(place, tall)
      assert.ok(
        Math.abs(rowOf(place) - Math.min(row, last)) < 1,
        `${row} of ${count}: ${JSON.stringify(place)}`,
      )
    }
    assert.ok(Math.abs(rowOf(placeOf(count + 1_000, tall)) - last) < 1)
  }
})

test('small steps go row by row, to the very ends', () => {
  for (const count of [CANVAS_ROWS + 1, 150_000, 1_000_000]) {
    const tall = { count, sight: SIGHT }
    const last = count - SIGHT
    for (const from of [0, 1_234, Math.round(last / 2), Math.round(last - 3_000)]) {
      for (const step of [5, -5]) {
        let place = placeOf(from, tall)
        for (let n = 0; n < 2_000; n += 1) {
          const before = rowOf(place)
          const top = Math.min(Math.max(0, place.top + step), lastTop(tall))
          place = scrolledTo(top, place, tall)
          sound(place, tall)
          const wanted = Math.min(Math.max(0, before + step), last)
          assert.ok(Math.abs(rowOf(place) - wanted) < 0.001, `${before} → ${rowOf(place)}, not ${wanted}`)
        }
      }
    }
  }
})

test('the bar goes through all of it, and stays about right however far one steps', () => {
  const tall = { count: 1_000_000, sight: SIGHT }
  for (const share of [0, 0.25, 0.5, 0.9, 1]) {
    const place = scrolledTo(lastTop(tall) * share, { shift: 400_000, top: 3 }, tall)
    if (share > 0.01) assert.ok(Math.abs(rowOf(place) - (tall.count - SIGHT) * share) < 2, String(share))
  }
  let place = placeOf(0, tall)
  for (let n = 0; n < 15_000; n += 1) place = scrolledTo(place.top + 20, place, tall)
  assert.equal(Math.round(rowOf(place)), 300_000)
  assert.ok(Math.abs(place.top / lastTop(tall) - 0.3) < 0.06, JSON.stringify(place))
})

test('a drag that slows down ends where the bar ends', () => {
  const tall = { count: 1_000_000, sight: SIGHT }
  for (const slow of [0.5, 3.85, 20]) {
    const first = scrolledTo(slow, placeOf(500_000, tall), tall)
    assert.deepEqual(scrolledTo(0, first, tall), { shift: 0, top: 0 }, String(slow))
    const last = scrolledTo(lastTop(tall) - slow, placeOf(500_000, tall), tall)
    assert.equal(rowOf(scrolledTo(lastTop(tall), last, tall)), tall.count - SIGHT, String(slow))
  }
})

test('from a row that was shown, the first step passes none over', () => {
  const tall = { count: 1_000_000, sight: SIGHT }
  for (const row of [3, 30, 600, tall.count - SIGHT - 30, tall.count - SIGHT - 3])
    for (const step of [-10, 10]) {
      const { shift, top } = placeOf(row, tall)
      const end = Math.min(Math.max(0, top + step), lastTop(tall))
      const wanted = Math.min(Math.max(0, row + step), tall.count - SIGHT)
      assert.equal(
        Math.round(rowOf(scrolledTo(end, { shift, top }, tall))),
        Math.round(wanted),
        `${row} ${step}`,
      )
    }
})

test('rows that are added at the end move nothing', () => {
  let place = placeOf(500_000, { count: 1_000_000, sight: SIGHT })
  const before = rowOf(place)
  place = scrolledTo(place.top + 1, place, { count: 1_200_000, sight: SIGHT })
  assert.equal(rowOf(place), before + 1)
})
