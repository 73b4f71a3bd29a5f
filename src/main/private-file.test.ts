import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writePrivateFile } from './private-file.ts'

test('what stood open to all is closed, and what a link points to is left alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'private-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, '.secret')
  const elsewhere = join(folder, 'elsewhere')
  writeFileSync(path, 'old')
  chmodSync(path, 0o644)
  writeFileSync(elsewhere, 'untouched')
  symlinkSync(elsewhere, `${path}.${process.pid}.new`)
  await writePrivateFile(path, 'new')
  assert.equal(readFileSync(path, 'utf8'), 'new')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(readFileSync(elsewhere, 'utf8'), 'untouched')
  assert.deepEqual(readdirSync(folder).sort(), ['.secret', 'elsewhere'])
})
