// Ends a process with all that came of it. The group is signalled as one; what has left it is found by the mark that every
// descendant carries in its environment.

import { readdirSync, readFileSync } from 'node:fs'

/** While it is looked for, what is found may start more. */
const ROUNDS_MAX = 20

/** false: nobody is left in the group. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    // Windows has no groups.
    process.kill(process.platform === 'win32' ? leader : -leader, signal)
    return true
  } catch {
    return false
  }
}

/** KILL for everything that carries the mark. What has thrown its environment away is not found. */
export function killMarked(mark: string): void {
  if (process.platform !== 'linux') return
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const found = marked(mark)
    if (found.length === 0) return
    for (const pid of found) killOne(pid)
  }
}

/** KILL for whatever was started below a scratch root that is no more: its agent was killed. */
export function killOrphans(root: string | null): void {
  if (root === null || process.platform !== 'linux') return
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const found = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((name) => environmentOf(name).some((entry) => entry.startsWith(`CARILLON_SCRATCH=${root}/`)))
    if (found.length === 0) return
    for (const pid of found) killOne(Number(pid))
  }
}

/** Processes of this machine that carry the mark, a whole entry of their environment; those that have ended left out. */
export function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => carries(name, mark))
    .map(Number)
}

function carries(pid: string, mark: string): boolean {
  return environmentOf(pid).includes(mark)
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  } catch {
    return []
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
