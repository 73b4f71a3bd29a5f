import assert from 'node:assert/strict'
import { test } from 'node:test'
import { painter } from './paint.ts'
import { safeText } from './safe-text.ts'
import { table } from './table.ts'
import { cutToWidth, textWidth } from './text-width.ts'
import { showFromNow, showStretch } from './times.ts'

const WIDTHS: readonly (readonly [string, number])[] = [
  ['', 0],
  ['plain', 5],
  ['ü', 1],
  ['u\u0308', 1],
  ['日本', 4],
  ['한', 2],
  ['🔔', 2],
  ['👩‍👩‍👧', 2],
  ['🇩🇪', 2],
  ['→ ✓ ©', 5],
  ['\u001b[31mred\u001b[39m', 3],
]

for (const [text, width] of WIDTHS) {
  test(`${JSON.stringify(text)} takes ${width} columns`, () => assert.equal(textWidth(text), width))
}

test('a cut never splits what is read as one character', () => {
  assert.equal(cutToWidth('abcdef', 4), 'abc…')
  assert.equal(cutToWidth('日本語', 4), '日…')
  assert.equal(cutToWidth('👩‍👩‍👧👩‍👩‍👧', 3), '👩‍👩‍👧…')
  assert.equal(cutToWidth('abc', 3), 'abc')
})

const rows = [
  { name: '日本', about: 'two wide letters' },
  { name: 'x\ny', about: 'a line end inside' },
]
const columns = [
  { title: 'NAME', value: (row: (typeof rows)[number]) => row.name },
  { title: 'ABOUT', value: (row: (typeof rows)[number]) => row.about },
]

test('columns stand below each other, rows stay lines', () => {
  const text = table(rows, columns, { paint: painter(false), width: null })
  assert.equal(text, 'NAME  ABOUT\n日本  two wide letters\nx\\ny  a line end inside')
})

test('a narrow terminal costs the last column', () => {
  const text = table(rows, columns, { paint: painter(false), width: 16 })
  assert.deepEqual(text.split('\n').map(textWidth), [11, 16, 16])
})

test('colours change nothing but colours', () => {
  const plain = table(rows, columns, { paint: painter(false), width: null })
  const painted = table(rows, columns, { paint: painter(true), width: null })
  assert.notEqual(painted, plain)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours
  assert.equal(painted.replace(/\u001b\[\d+m/g, ''), plain)
})

test('what a terminal would obey is shown instead', () => {
  assert.equal(safeText('a\u001b[2Jb\u0007\u009b\u202ec\t'), 'a\\x1b[2Jb\\x07\\x9b\\u202ec\\t')
  assert.equal(safeText('Grüße 🔔'), 'Grüße 🔔')
})

test('stretches of time in their two largest units', () => {
  const all = [0, 350, 1_000, 59_999, 90_000, 3_600_000, 3_660_000, 90_061_000, 86_400_000]
  assert.deepEqual(all.map(showStretch), [
    '0ms',
    '350ms',
    '1s',
    '59s',
    '1m 30s',
    '1h',
    '1h 1m',
    '1d 1h',
    '1d',
  ])
  assert.equal(showFromNow('2027-01-01T00:00:12.000Z', Date.parse('2027-01-01T00:00:00Z')), 'in 12s')
  assert.equal(showFromNow('2027-01-01T00:00:00.000Z', Date.parse('2027-01-01T00:03:00Z')), '3m ago')
  assert.equal(showFromNow(null, 0), '-')
})
