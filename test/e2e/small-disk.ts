// A disk that is soon full, and gets space again: a small file system of its own where that may be mounted, else a
// bound on the size of the files of one process.

import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerOptions } from '../support/server-process.ts'

export type SmallDisk = Disposable & {
  readonly dataDir: string
  readonly options: Pick<ServerOptions, 'through'>
  /** From now on there is no room at all for the server of this process id. */
  takeSpace(pid: number): void
  /** From now on there is room: for the server of this process id, or for the next one. */
  giveSpace(pid: number | null): void
}

const SIZE_MIB = 8
const BALLAST_MIB = 5

export function smallDisk(folder: string): SmallDisk {
  return mounted(folder) ?? bounded(folder)
}

function mounted(folder: string): SmallDisk | null {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MIB}m,mode=777`, 'none', disk], {
      stdio: 'ignore',
    })
  } catch {
    return null
  }
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, Buffer.alloc(BALLAST_MIB * 1_048_576))
  return {
    dataDir: join(disk, 'data'),
    options: {},
    takeSpace: () => fillUp(ballast),
    giveSpace: () => rmSync(ballast),
    [Symbol.dispose]: () => execFileSync('umount', ['-l', disk]),
  }
}

function fillUp(file: string): void {
  for (const bytes of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(bytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
}

function bounded(folder: string): SmallDisk {
  const script = `trap '' XFSZ; ulimit -S -f ${(SIZE_MIB - BALLAST_MIB) * 1_024}; exec "$0" "$@"`
  return {
    dataDir: join(folder, 'data'),
    options: { through: (node, args) => ['bash', '-c', script, node, ...args] },
    takeSpace: (pid) => void execFileSync('prlimit', ['--pid', String(pid), '--fsize=4096:']),
    giveSpace: (pid) => {
      if (pid !== null) execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited:'])
    },
    [Symbol.dispose]: () => {},
  }
}
