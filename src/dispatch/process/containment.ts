// What this machine offers to hold a process with all that it starts, found out once. In a PID namespace nothing can
// escape: when its first process ends, or the agent itself, the kernel ends all others. Elsewhere there is the process group,
// and on Linux a search for what has left it.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'

export type Containment = {
  /** `namespace`: nothing escapes, and a command sees only processes of its own. */
  readonly kind: 'namespace' | 'group'
  readonly tools: Tools
  readonly isRoot: boolean
}

/** Whole paths, so that no PATH a job brings says which program is run before privileges are dropped. null: not there. */
export type Tools = {
  readonly sh: string
  readonly unshare: string | null
  /** Another user, and an end together with the agent. */
  readonly setpriv: string | null
  readonly prlimit: string | null
  readonly mkfifo: string | null
}

export const CONTAINMENT_WISHES = ['auto', 'namespace', 'group'] as const
export type ContainmentWish = (typeof CONTAINMENT_WISHES)[number]

const PROBE_TIMEOUT_MS = 5_000
export const TOOL_PATH = '/usr/bin:/bin:/usr/sbin:/sbin'

/** Its mounts and its /proc are its own; what the machine mounts later it sees. */
export const NAMESPACE_FLAGS = [
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--propagation',
  'slave',
  '--',
] as const

/** Throws when `namespace` is asked for and cannot be had. */
export async function probeContainment(wish: ContainmentWish = 'auto'): Promise<Containment> {
  const isRoot = process.getuid?.() === 0
  const tools = {
    sh: toolPath('sh') ?? '/bin/sh',
    unshare: linuxTool('unshare'),
    setpriv: linuxTool('setpriv'),
    prlimit: linuxTool('prlimit'),
    mkfifo: toolPath('mkfifo'),
  }
  const namespace = wish !== 'group' && isRoot && (await holdsNamespace(tools))
  if (wish === 'namespace' && !namespace) {
    throw new Error(
      'processes cannot be held in a PID namespace here: that takes Linux, root, and unshare and setpriv of util-linux. ' +
        'Start as root, or let the process group do.',
    )
  }
  return { kind: namespace ? 'namespace' : 'group', tools, isRoot }
}

function linuxTool(name: string): string | null {
  return process.platform === 'linux' ? toolPath(name) : null
}

function toolPath(name: string): string | null {
  const found = findProgram(name, '/', TOOL_PATH)
  return 'path' in found ? found.path : null
}

async function holdsNamespace({ unshare, setpriv, sh }: Tools): Promise<boolean> {
  if (unshare === null || setpriv === null) return false
  try {
    await promisify(execFile)(unshare, [...NAMESPACE_FLAGS, sh, '-c', 'exit 0'], {
      timeout: PROBE_TIMEOUT_MS,
    })
    return true
  } catch {
    return false
  }
}
