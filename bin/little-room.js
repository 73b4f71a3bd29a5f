// A server keeps what is young in little room, and each thread clears its own. V8 lets that room grow to 48 MiB, which a server
// fills at its start and never gives back; half of that costs no time that could be measured, and helpers that clear so
// little cost more than they save (docs/benchmarks.md). It can only be said before V8 starts, so the process begins once
// more as itself: same id, same files, same environment. Whoever has said something of it is heard.

import { accessSync, constants } from 'node:fs'

const ROOM = ['--max-semi-space-size=8', '--no-parallel-scavenge']
const SERVERS = ['server', 'up']
const SAID =
  /^--(?:max|min)[-_]semi[-_]space[-_]size|^--max[-_]heap[-_]size|^--(?:no[-_])?parallel[-_]scavenge|^--(?:watch|test)\b/

export function inLittleRoom() {
  const { execArgv, execPath, argv, env, platform } = process
  // Windows has no way to do so, though Node has the name of one there.
  if (process.execve === undefined || platform === 'win32' || !SERVERS.includes(argv[2] ?? '')) return
  if ([...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)].some((word) => SAID.test(word))) return
  // Who started it may speak with it by a channel that would not come along.
  if (env.NODE_CHANNEL_FD !== undefined || process.channel !== undefined) return
  try {
    // Node ends the process where the system refuses: asked first whether its program still is there to be started, as it is
    // not while Node is replaced.
    accessSync(execPath, constants.X_OK)
    process.execve(execPath, [execPath, ...execArgv, ...ROOM, ...argv.slice(1)], env)
  } catch {
    // It goes on as it is.
  }
}
