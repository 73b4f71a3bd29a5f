// A server keeps what is young in little room, and each thread clears its own. V8 lets that room grow to 48 MiB, which a server
// fills at its start and never gives back; half of that costs no time that could be measured, and helpers that clear so
// little cost more than they save (docs/benchmarks.md). The room can only be said before V8 starts, so the process begins once
// more as itself: same id, same files, same environment. Whoever has said something of either is heard.

import { accessSync, constants } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

const ROOM = '--max-semi-space-size=8'
/** Not for the command line: Node does not promise that V8 has it, and one that has not ends the process there. */
const ALONE = '--no-parallel-scavenge'
const SERVERS = ['server', 'up']
const SAID = /^--(?:max|min)[-_]semi[-_]space[-_]size|^--max[-_]heap[-_]size|^--(?:watch|test)\b/
const SAID_ALONE = /^--(?:no[-_])?parallel[-_]scavenge/

export function inLittleRoom() {
  const { execArgv, execPath, argv, env, platform } = process
  if (!SERVERS.includes(argv[2] ?? '')) return
  const words = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)]
  if (!words.some((word) => SAID_ALONE.test(word))) setFlagsFromString(ALONE)
  // Windows has no way to do so, though Node has the name of one there.
  if (process.execve === undefined || platform === 'win32' || words.some((word) => SAID.test(word))) return
  // Who started it may speak with it by a channel that would not come along.
  if (env.NODE_CHANNEL_FD !== undefined || process.channel !== undefined) return
  try {
    // Node ends the process where the system refuses: asked first whether its program still is there to be started, as it is
    // not while Node is replaced.
    accessSync(execPath, constants.X_OK)
    process.execve(execPath, [execPath, ...execArgv, ROOM, ...argv.slice(1)], env)
  } catch {
    // It goes on as it is.
  }
}
