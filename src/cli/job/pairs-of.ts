// name=value, several times.

import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'

export function pairsOf(pairs: readonly string[], what: string, example: string): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      if (equals < 1)
        throw new CliError(EXIT.usage, `The ${what} "${pair}" has no value.`, {
          hint: `Write it like ${example}.`,
        })
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    }),
  )
}
