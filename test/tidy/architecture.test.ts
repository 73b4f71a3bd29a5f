// The tables of ARCHITECTURE.md say what the code says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canFollow, FINAL_STATUSES, isFinal, REASONS, RUN_STATUSES } from '../../src/domain/run.ts'
import { ROOMS } from './rooms.ts'
import { readTree } from './tree.ts'

const text = readTree().find(({ path }) => path === 'ARCHITECTURE.md')?.text ?? ''

/** The rows of the table whose first column has this title, cell by cell, without its head. */
function table(title: string): string[][] {
  const lines = text.split('\n')
  const head = lines.findIndex((line) => line.startsWith(`| ${title} |`))
  assert.notEqual(head, -1, `there is no table "${title}"`)
  const rest = lines.slice(head + 2)
  const end = rest.findIndex((line) => !line.startsWith('|'))
  return rest.slice(0, end === -1 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** What stands in backticks in a cell. */
function words(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
}

test('the statuses are those of the code, in its order', () => {
  assert.deepEqual(
    table('status').map(([status]) => words(status)[0]),
    RUN_STATUSES,
  )
})

test('the transitions are those of the code, no more and no fewer', () => {
  for (const [first, , next] of table('status')) {
    const from = RUN_STATUSES.find((status) => status === words(first)[0])!
    const allowed = RUN_STATUSES.filter((to) => canFollow(from, to))
    assert.deepEqual(words(next).toSorted(), allowed.toSorted(), `after ${from}`)
    assert.equal(next === 'final', isFinal(from), `${from} is ${isFinal(from) ? '' : 'not '}final`)
  }
  assert.ok(FINAL_STATUSES.every((from) => RUN_STATUSES.every((to) => !canFollow(from, to))))
})

test('the reasons are those of the code', () => {
  assert.deepEqual(
    table('reason').map(([reason]) => words(reason)[0]),
    REASONS,
  )
})

test('the rooms are those the tidy test enforces', () => {
  const rooms = table('room').map(([room, height, , mayImport, packages]) => [
    words(room)[0],
    { height: Number(height), rooms: words(mayImport), packages: words(packages) },
  ])
  assert.deepEqual(Object.fromEntries(rooms), ROOMS)
})

test('a room stands only on lower ones', () => {
  for (const [name, { height, rooms }] of Object.entries(ROOMS)) {
    for (const below of rooms) assert.ok(ROOMS[below]!.height < height, `${name} stands on ${below}`)
  }
})
