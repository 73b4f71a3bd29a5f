// What is taken away as a file: every text survives, none becomes a formula, instants are whole and in the time chosen.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Column, csvText, jsonText } from '../../ui/src/export/table-text.ts'

type Row = { name: string; at: string | null; count: number }

const COLUMNS: readonly Column<Row>[] = [
  ['name', ({ name }) => name],
  ['dueAt', ({ at }) => ({ at, zone: 'Asia/Tokyo' })],
  ['count', ({ count }) => count],
  ['missing', () => undefined],
]
const row = (name: string, at: string | null = null, count = 0): Row => ({ name, at, count })
const utc = (): string => 'UTC'

test('fields are quoted where they must be, lines end as RFC 4180 has it', () => {
  const rows = [row('plain'), row('a,b'), row('say "hi"'), row('two\nlines'), row('')]
  assert.equal(
    csvText(rows, COLUMNS, utc),
    'name,dueAt,count,missing\r\nplain,,0,\r\n"a,b",,0,\r\n"say ""hi""",,0,\r\n"two\nlines",,0,\r\n,,0,\r\n',
  )
})

test('no text becomes a formula, and numbers stay numbers', () => {
  const text = csvText(
    ['=HYPERLINK("x")', '+1', '-1', '@SUM(A1)', '\t=1', 'a=1'].map((name) => row(name, null, -5)),
    COLUMNS,
    utc,
  )
  assert.deepEqual(text.trimEnd().split('\r\n').slice(1), [
    `"'=HYPERLINK(""x"")",,-5,`,
    "'+1,,-5,",
    "'-1,,-5,",
    "'@SUM(A1),,-5,",
    "'\t=1,,-5,",
    'a=1,,-5,',
  ])
})

test('instants are whole, with the offset of the zone that was chosen', () => {
  const at = '2027-07-01T03:00:00.250Z'
  const shown = (zone: string): string =>
    (
      JSON.parse(jsonText([row('x', at)], COLUMNS, (jobZone) => (zone === 'job' ? jobZone! : zone))) as {
        dueAt: string
      }[]
    )[0]!.dueAt
  assert.equal(shown('UTC'), at)
  assert.equal(shown('job'), '2027-07-01T12:00:00.250+09:00')
  assert.equal(shown('Europe/Berlin'), '2027-07-01T05:00:00.250+02:00')
  assert.equal(shown('America/St_Johns'), '2027-07-01T00:30:00.250-02:30')
  for (const zone of ['Asia/Kathmandu', 'Pacific/Apia', 'America/Los_Angeles']) {
    assert.equal(Date.parse(shown(zone)), Date.parse(at), zone)
  }
})

test('JSON has the same columns, and null for what is not there', () => {
  assert.deepEqual(JSON.parse(jsonText([row('=1')], COLUMNS, utc)), [
    { name: '=1', dueAt: null, count: 0, missing: null },
  ])
  assert.equal(jsonText([], COLUMNS, utc), '[]\n')
})
