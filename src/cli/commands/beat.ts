// carillon run beat: a command or script that an agent carries out says how it goes. Its agent reads the file; no server is
// asked, and none needs to be there.

import { appendFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import type { Session } from '../session.ts'

type BeatOptions = { readonly message?: string; readonly extend?: number }

/** "40%", or a share as "0.4". */
export function share(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)
  const value =
    percent === null ? (/^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN) : Number(percent[1]) / 100
  if (value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('It is a share of the whole, as 40% or 0.4.')
}

export async function beat(
  { terminal }: Session,
  progress: number | undefined,
  { message, extend }: BeatOptions,
): Promise<void> {
  const path = terminal.env['CARILLON_BEAT']
  if (path === undefined || path === '') {
    throw new CliError(EXIT.usage, 'CARILLON_BEAT is not set.', {
      hint: 'This is for commands and scripts that an agent carries out; it sets the variable for them.',
    })
  }
  const news = { progress, message, extend: extend === undefined ? undefined : `${extend}ms` }
  try {
    appendFileSync(path, `${JSON.stringify(news)}\n`)
  } catch (error) {
    throw new CliError(EXIT.failure, `${path} cannot be written: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
