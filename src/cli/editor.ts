// A text in the editor of the person at the terminal.

import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-code.ts'
import type { Session } from './session.ts'

export type Draft = {
  readonly path: string
  /** Opens it (again) and gives what was saved. */
  edit(): Promise<string>
  discard(): Promise<void>
}

/** The file is readable by its owner alone, and stays until it is discarded. */
export async function openDraft(session: Session, name: string, text: string): Promise<Draft> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-'))
  const path = join(folder, name)
  await writeFile(path, text, { mode: 0o600 })
  return {
    path,
    async edit() {
      await runEditor(session, path)
      return readFile(path, 'utf8')
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  }
}

function runEditor({ terminal }: Session, path: string): Promise<void> {
  const { env } = terminal
  const editor = env.VISUAL || env.EDITOR || (process.platform === 'win32' ? 'notepad' : 'vi')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // EDITOR may hold options ("code --wait"), so a shell takes it apart; the path is an argument, never part of the text.
  const child =
    process.platform === 'win32'
      ? spawn(`${editor} "${path}"`, { shell: true, stdio: 'inherit' })
      : spawn('sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' })
  const refuse = (why: string): void =>
    reject(
      new CliError(EXIT.failure, `The editor "${editor}" ${why}.`, {
        hint: `Set EDITOR to another. What you wrote is in ${path}`,
      }),
    )
  child.on('error', () => refuse('could not be started'))
  child.on('exit', (code) => (code === 0 ? resolve() : refuse(`ended with ${code}`)))
  return promise
}
