// One data directory, one process. The lock dies with its holder however that ends. The pid file beside it only serves the
// message.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { holdFile } from './file-lock.ts'

export type DataDirLock = { readonly dir: string }

/** Makes the directory (for its owner alone) where there is none. Throws while another process holds it. */
export function lockDataDir(dir: string): DataDirLock & Disposable {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const pidFile = join(dir, 'carillon.pid')
  const lock = holdFile(join(dir, 'carillon.lock'))
  if (lock === null) throw inUse(dir, pidFile)
  writeFileSync(pidFile, `${process.pid}\n`)
  return {
    dir,
    [Symbol.dispose](): void {
      if (!lock.held) return
      rmSync(pidFile, { force: true })
      lock[Symbol.dispose]()
    },
  }
}

function inUse(dir: string, pidFile: string): Error {
  return new Error(
    `data directory ${dir} is in use by ${holder(pidFile)}. Stop that process first, or start this one with a data ` +
      'directory of its own.',
  )
}

function holder(pidFile: string): string {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? `process ${pid}` : 'another process'
  } catch {
    return 'another process'
  }
}
