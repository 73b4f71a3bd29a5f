// A folder of its own for each test file, gone when the file is done.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

export function testFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-sqlite-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, name)
}
