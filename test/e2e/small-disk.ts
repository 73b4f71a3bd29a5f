// A disk that is soon full, and gets space again: a small file system of its own where that may be mounted, else a
// bound on the size of the files of one process.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerOptions } from '../support/server-process.ts'

export type SmallDisk = Disposable & {
  readonly dataDir: string
  readonly options: Pick<ServerOptions, 'through'>
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
    giveSpace: () => rmSync(ballast),
    [Symbol.dispose]: () => execFileSync('umount', ['-l', disk]),
  }
}

function bounded(folder: string): SmallDisk {
  const script = `trap '' XFSZ; ulimit -S -f ${(SIZE_MIB - BALLAST_MIB) * 1_024}; exec "$0" "$@"`
  return {
    dataDir: join(folder, 'data'),
    options: { through: (node, args) => ['bash', '-c', script, node, ...args] },
    giveSpace: (pid) => {
      if (pid !== null) execFileSync('prlimit', ['--pid', String(pid), '--fsize=unlimited:'])
    },
    [Symbol.dispose]: () => {},
  }
}
