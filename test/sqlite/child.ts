// Runs a file of this folder as a process of its own and hears its lines; for what only a real crash can show.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type Child = {
  readonly process: ChildProcess
  /** The next line it says; throws with its stderr when it ends first. */
  readonly line: () => Promise<string>
  /** Ends it as a crash would, and waits until it is gone. */
  readonly kill: () => Promise<void>
}

export function runChild(file: string, ...args: string[]): Child {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return follow(spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] }))
}

/** With a bound on the size of any file it writes, in KiB: the nearest thing to a full disk without being root. */
export function runChildBounded(fileKiB: number, file: string, ...args: string[]): Child {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const script = `trap '' XFSZ; ulimit -f ${fileKiB}; exec "$0" "$@"`
  return follow(
    spawn('bash', ['-c', script, process.execPath, path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] }),
  )
}

function follow(child: ChildProcess): Child {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const ended = once(child, 'exit')
  let errors = ''
  child.stderr!.on('data', (chunk) => {
    errors += chunk
  })
  return {
    process: child,
    line: async () => {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`the child ended: ${errors}`)
      return value
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
