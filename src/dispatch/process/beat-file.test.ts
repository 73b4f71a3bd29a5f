import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BeatFile } from './beat-file.ts'
import { ScratchRoot } from './scratch.ts'

/** A file system in memory: files on it may be as long as a number says. */
const ROOMY = '/dev/shm'
const TMPFS = 0x01021994
const roomy = existsSync(ROOMY) && statfsSync(ROOMY).type === TMPFS
const skip = roomy ? false : 'no file system here lets files be so long'

test('a file made longer than can be read says nothing, and is heard when it is short again', {
  skip,
}, async () => {
  using root = new ScratchRoot(ROOMY)
  await using scratch = await root.open(null, null)
  using file = BeatFile.open(scratch)
  lengthen(file, '8P')
  assert.deepEqual(file.look(), [])
  assert.equal(file.look(), null)
  lengthen(file, '4E')
  assert.deepEqual(file.look(), [])
  writeFileSync(file.path, '{"progress":1}\n')
  assert.deepEqual(file.look(), ['{"progress":1}'])
  appendFileSync(file.path, 'more\n')
  assert.deepEqual(file.look(), ['more'])
})

test('its end throws nothing, whatever was put in its place', async () => {
  using root = new ScratchRoot()
  await using scratch = await root.open(null, null)
  const file = BeatFile.open(scratch)
  rmSync(file.path)
  mkdirSync(file.path)
  writeFileSync(join(file.path, 'more'), '')
  assert.doesNotThrow(() => file[Symbol.dispose]())
})

/** Node's own goes no further than it counts. */
function lengthen(file: BeatFile, size: string): void {
  execFileSync('truncate', ['-s', size, file.path])
}
