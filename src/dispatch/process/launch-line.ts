// The line a process is really started with: its own program and arguments, behind those that hold it. Nothing is put
// together as text for a shell; every argument stays the one it was.

import type { ProcessLimits } from '../../domain/command-target.ts'
import { type Containment, NAMESPACE_FLAGS } from './containment.ts'
import type { SystemUser } from './find-user.ts'

export type Launch = {
  /** Program, as a path, and arguments. */
  readonly argv: readonly string[]
  readonly user: SystemUser | null
  readonly limits: ProcessLimits
}

/**
 * The first process of a namespace: stays until the command ends, collects orphans, and is deaf to TERM, as the first
 * process always is. Its own remarks ("Killed") are not part of the command's output.
 */
const FIRST_PROCESS = 'exec 3>&2 2>/dev/null; (exec "$@" 2>&3 3>&-); exit $?'

/** Throws when the machine lacks what the launch asks for. */
export function launchLine({ argv, user, limits }: Launch, { kind, tools }: Containment): readonly string[] {
  const command = [...dropPrivileges(user, tools.setpriv), ...limited(limits, tools.prlimit), ...argv]
  // The agent may be killed; what it has started ends with it.
  const endWithParent = tools.setpriv === null ? [] : [tools.setpriv, '--pdeathsig', 'KILL']
  if (kind === 'group' || tools.unshare === null) return [...endWithParent, ...command]
  return [
    ...endWithParent,
    tools.unshare,
    ...NAMESPACE_FLAGS,
    tools.sh,
    '-c',
    FIRST_PROCESS,
    'carillon',
    ...command,
  ]
}

/** For good: no set-user-id program brings them back. */
function dropPrivileges(user: SystemUser | null, setpriv: string | null): string[] {
  if (user === null) return []
  const flags = ['--clear-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all']
  return [present(setpriv, 'another user'), `--reuid=${user.uid}`, `--regid=${user.gid}`, ...flags]
}

function limited(limits: ProcessLimits, prlimit: string | null): string[] {
  const flags = [
    ['cpu', limits.cpuSeconds],
    ['as', limits.memoryBytes],
    ['nofile', limits.openFiles],
    ['nproc', limits.processes],
    ['fsize', limits.fileBytes],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
  return flags.length === 0 ? [] : [present(prlimit, 'limits'), ...flags, '--']
}

function present(tool: string | null, what: string): string {
  if (tool !== null) return tool
  throw new Error(`this machine has no util-linux (setpriv, prlimit), without which there are no ${what}`)
}
