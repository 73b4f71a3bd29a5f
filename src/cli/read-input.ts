// Files named on the command line, and standard input as "-".

import { readFile } from 'node:fs/promises'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-code.ts'
import type { Session } from './session.ts'

/** More than this is no document that a person means to send. */
const INPUT_MAX_BYTES = 256 * 1_048_576

export async function readInput(session: Session, place: string): Promise<string> {
  if (place !== '-') return readNamed(place)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of session.terminal.stdin) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > INPUT_MAX_BYTES) throw new CliError(EXIT.usage, 'Standard input is too long.')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function readNamed(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EACCES'
          ? 'may not be read'
          : code === 'EISDIR'
            ? 'is a directory'
            : `cannot be read (${code})`
    throw new CliError(EXIT.usage, `The file ${path} ${why}.`, { cause: error })
  }
}

/** Every document of a file of JSON or YAML. */
export async function readDocuments(session: Session, place: string): Promise<unknown[]> {
  const text = await readInput(session, place)
  const { readYaml, YamlError } = await import('../main/yaml-documents.ts')
  try {
    return readYaml(text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new CliError(EXIT.usage, `${place === '-' ? 'Standard input' : place} is neither JSON nor YAML.`, {
      complaints: [{ where: place, detail: error.message }],
    })
  }
}
