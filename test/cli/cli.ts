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
}

export async function carillon(args: readonly string[], around: Surroundings = {}): Promise<Result> {
  const stdout = collector(around.tty)
  const stderr = collector(around.tty)
  const terminal: Terminal = {
    env: around.env ?? {},
    stdin: Readable.from(around.stdin === undefined ? [] : [around.stdin]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    readFile: readDiskFile,
  }
  const code = await runCommandLine(args, terminal)
  return { code, out: stdout.text(), err: stderr.text() }
}

function collector(isTTY = false): { stream: Terminal['stdout']; text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100 })
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { stream, text: () => Buffer.concat(chunks).toString() }
}
