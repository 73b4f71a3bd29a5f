// A bug that cannot be planted must not pass for one that was found.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Folder } from '../../support/folder.ts'
import { plant } from './plant.ts'

function treeIn(folder: Folder): string {
  const root = folder.file('tree')
  for (const part of ['', 'src', 'bin', 'node_modules']) mkdirSync(join(root, part), { recursive: true })
  writeFileSync(join(root, 'package.json'), '{}')
  writeFileSync(join(root, 'bin/carillon.js'), '')
  writeFileSync(join(root, 'src/a.ts'), 'one two two $1')
  return root
}

test('changes a copy, and leaves the tree alone', () => {
  using folder = new Folder()
  const root = treeIn(folder)
  const program = plant(folder.file('copy'), [{ file: 'src/a.ts', find: 'one', put: '$& $1' }], root)
  assert.equal(program, folder.file('copy/bin/carillon.js'))
  assert.equal(readFileSync(folder.file('copy/src/a.ts'), 'utf8'), '$& $1 two two $1')
  assert.equal(readFileSync(join(root, 'src/a.ts'), 'utf8'), 'one two two $1')
})

for (const [what, change, says] of [
  ['gone', { file: 'src/a.ts', find: 'three', put: '' }, /has these words 0 times/],
  ['there twice', { file: 'src/a.ts', find: 'two', put: '' }, /has these words 2 times/],
  ['in a file that is gone', { file: 'src/b.ts', find: 'one', put: '' }, /src\/b\.ts is not there any more/],
] as const) {
  test(`refuses words that are ${what}`, () => {
    using folder = new Folder()
    const root = treeIn(folder)
    assert.throws(() => plant(folder.file('copy'), [change], root), says)
  })
}
