// A user of this machine by name or number, wherever the machine keeps its users.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type SystemUser = {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

const TIMEOUT_MS = 5_000

/** null: there is none. `name` has been checked to be a name or a number. */
export async function findUser(name: string): Promise<SystemUser | null> {
  try {
    const { stdout } = await promisify(execFile)('getent', ['passwd', '--', name], { timeout: TIMEOUT_MS })
    return userOf(stdout)
  } catch {
    return null
  }
}

/** passwd(5) */
function userOf(line: string): SystemUser | null {
  const [name, , uid, gid, , home, shell] = line.split('\n', 1)[0]!.split(':')
  if (name === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return null
  return { name, uid: Number(uid), gid: Number(gid), home: home || '/', shell: shell?.trim() || '/bin/sh' }
}
