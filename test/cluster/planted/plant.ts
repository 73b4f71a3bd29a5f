// Plants a bug: a copy of the product's sources with a few words changed. The product itself holds no switch for it.
// When the words to change are not there any more, or are there twice, it says so instead of planting nothing.

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Change = {
  /** From the root of the repository. */
  readonly file: string
  /** Stands there exactly once. White space counts as it stands. */
  readonly find: string
  readonly put: string
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Makes the folder. Gives the program to start there. */
export function plant(folder: string, changes: readonly Change[], root = ROOT): string {
  mkdirSync(folder)
  for (const part of ['src', 'bin', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const { file, find, put } of changes) {
    const path = join(folder, file)
    const text = read(path, file)
    const times = text.split(find).length - 1
    if (times !== 1)
      throw new Error(`${file} has these words ${times} times, so the bug cannot be planted there: ${find}`)
    mkdirSync(dirname(path), { recursive: true })
    // A function, so that a $ in the words stays one.
    writeFileSync(
      path,
      text.replace(find, () => put),
    )
  }
  return join(folder, 'bin/carillon.js')
}

function read(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new Error(`${file} is not there any more, so the bug cannot be planted`)
  }
}
