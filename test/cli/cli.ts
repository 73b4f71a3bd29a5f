// Runs the command line inside this process, between streams of memory instead of a terminal.

import { PassThrough, Readable } from 'node:stream'
import { runCommandLine } from '../../src/cli/program.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { readDiskFile } from '../../src/main/config/process.ts'

export type Result = { readonly code: number; readonly out: string; readonly err: string }

export type Surroundings = {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Are standard output and error a terminal? */
  readonly tty?: boolean
  /** Pressed as soon as a question is asked. */
  readonly keys?: string
}

/** Whoever has started a server in this directory has a key in ./data, which would be tried. */
const NOWHERE = '/nowhere'

export async function carillon(args: readonly string[], around: Surroundings = {}): Promise<Result> {
  const stdout = collector(around.tty)
  const stderr = collector(around.tty)
  const stdin = input(around, stderr.stream)
  const terminal: Terminal = {
    env: { CARILLON_DATA_DIR: NOWHERE, ...around.env },
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    readFile: readDiskFile,
  }
  const code = await runCommandLine(args, terminal)
  return { code, out: stdout.text(), err: stderr.text() }
}

function input({ stdin, tty, keys }: Surroundings, stderr: Terminal['stderr']): Terminal['stdin'] {
  if (tty !== true) return Readable.from(stdin === undefined ? [] : [stdin])
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  let asked = ''
  stderr.on('data', (chunk: Buffer) => {
    asked += chunk.toString()
    if (keys === undefined || !asked.includes('?')) return
    asked = ''
    setImmediate(() => keyboard.write(keys))
  })
  return keyboard
}

function collector(isTTY = false): { stream: Terminal['stdout']; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 })
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { stream, text: () => Buffer.concat(chunks).toString() }
}
