// A log line as a person reads it: time, level, message, then what else it says.

import { stripVTControlCharacters } from 'node:util'

const NAMES: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

export function prettyLines(out: { write(text: string): unknown }): { write(line: string): void } {
  return {
    write(line) {
      const { level, time, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>
      const reason = (err as { message?: string } | undefined)?.message
      const text = [msg, reason].filter((part) => part !== undefined).join(': ')
      const more = Object.keys(rest).length === 0 ? '' : ` ${plain(JSON.stringify(rest))}`
      out.write(`${String(time).slice(11, 23)} ${NAMES[Number(level)] ?? level} ${plain(text)}${more}\n`)
    },
  }
}

/** What others wrote must not steer the terminal it is shown on. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ')
}
