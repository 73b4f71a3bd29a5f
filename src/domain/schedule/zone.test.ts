import assert from 'node:assert/strict'
import { test } from 'node:test'
import { END_OF_TIME } from './calendar.ts'
import { findZone } from './zone.ts'
import { suggestZone } from './zone-name.ts'
import { listedZones, openZone } from './zone-offset.ts'
import { gapHolding, instantsOf, spansBetween } from './zone-time.ts'

const PROBES_PER_ZONE = 20

test('in every listed zone a span has the offset the platform prints, at any time', () => {
  let seed = 1
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed / 2 ** 32
  }
  for (const name of listedZones()) {
    const zone = findZone(name)!
    const clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: name,
      dateStyle: 'short',
      timeStyle: 'medium',
    })
    for (let i = 0; i < PROBES_PER_ZONE; i++) {
      const instant = Math.floor(random() * (Date.UTC(2110, 0, 1) / 1_000))
      const span = zone.spanAt(instant)
      const shown = Date.parse(`${clock.format(instant * 1_000).replace(' ', 'T')}Z`) / 1_000
      assert.ok(span.start <= instant && instant < span.end, name)
      assert.equal(span.offset, shown - instant, `${name} at ${instant}`)
    }
  }
})

test('spans follow each other without a hole, and know their neighbours', () => {
  for (const name of ['Africa/Casablanca', 'Europe/Berlin', 'Africa/Monrovia', 'America/Recife']) {
    const spans = spansBetween(findZone(name)!, 0, Date.UTC(2040, 0, 1) / 1_000)
    spans.slice(1).forEach((span, i) => {
      const before = spans[i]!
      assert.equal(before.end, span.start)
      assert.equal(before.offsetAfter, span.offset)
      assert.equal(span.offsetBefore, before.offset)
    })
  }
})

test('a zone that never changes is one span', () => {
  const always = { start: 0, end: END_OF_TIME, offset: 7_200, offsetBefore: 7_200, offsetAfter: 7_200 }
  assert.deepEqual(findZone('Etc/GMT-2')!.spanAt(0), always)
  assert.equal(findZone('UTC')!.spanAt(END_OF_TIME - 1).start, 0)
})

test('names are found in any case and spelled as usual', () => {
  assert.equal(findZone('europe/BERLIN')?.name, 'Europe/Berlin')
  assert.equal(findZone('US/Eastern')?.name, 'US/Eastern')
  for (const name of ['', 'Mars/Phobos', '+02:00', 'UTC+2', 'EST5EDT ; DROP', 'Z'.repeat(100)]) {
    assert.equal(findZone(name), null, name)
  }
})

test('what was meant by an unknown name', () => {
  const table: readonly (readonly [string, string | null])[] = [
    ['Europe/Berln', 'Europe/Berlin'],
    ['Berlin', 'Europe/Berlin'],
    ['new york', 'America/New_York'],
    ['Asia/Kolkatta', 'Asia/Kolkata'],
    ['UTC+2', 'Etc/GMT-2'],
    ['+05:00', 'Etc/GMT-5'],
    ['GMT-11', 'Etc/GMT+11'],
    ['UTC+25', null],
    ['Mars/Phobos', null],
    ['x', null],
    ['Europe/Berlin'.repeat(1_000), null],
  ]
  for (const [name, meant] of table) assert.equal(suggestZone(name), meant, name)
})

test('a wall time has one instant, two in an overlap, none in a gap', () => {
  const zone = findZone('Europe/Berlin')!
  const wall = (text: string) => Date.parse(`${text}Z`) / 1_000
  assert.equal(instantsOf(zone, wall('2026-06-01T12:00:00')).length, 1)
  assert.deepEqual(
    instantsOf(zone, wall('2026-10-25T02:30:00')).map((at) => new Date(at * 1_000).toISOString()),
    ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'],
  )
  assert.deepEqual(instantsOf(zone, wall('2026-03-29T02:30:00')), [])
  assert.equal(gapHolding(zone, wall('2026-03-29T02:30:00'))?.start, wall('2026-03-29T01:00:00'))
  assert.equal(gapHolding(zone, wall('2026-03-29T03:00:00')), undefined)
})

test('the platform reads sub-minute offsets of the past', () => {
  assert.equal(openZone('Africa/Monrovia')!(0), -2_670)
})
