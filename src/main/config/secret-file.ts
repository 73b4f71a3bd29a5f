// A secret kept in a file: the file's text without the line end that editors add.

import type { Config } from './config.ts'
import type { Gathered, ReadFile } from './given.ts'

export function fromSecretFile(
  key: keyof Config,
  path: string,
  origin: string,
  readFile: ReadFile,
): Gathered {
  const refuse = (detail: string): Gathered => ({ given: [], warnings: [], problems: [{ origin, detail }] })
  try {
    const file = readFile(path)
    if (file === null) return refuse(`names a file that does not exist: ${path}`)
    const text = file.text.replace(/\r?\n$/, '')
    if (text === '') return refuse(`names an empty file: ${path}`)
    const warnings = readableByOthers(file.mode)
      ? [
          {
            origin,
            detail: `The secret in ${path} can be read by other users.`,
            suggestion: `chmod 600 ${path}`,
          },
        ]
      : []
    return { given: [{ key, text, origin }], problems: [], warnings }
  } catch (error) {
    return refuse(`cannot be read: ${(error as Error).message}`)
  }
}

/** Windows knows no such bits and reports all of them. */
export function readableByOthers(mode: number): boolean {
  return process.platform !== 'win32' && (mode & 0o044) !== 0
}
