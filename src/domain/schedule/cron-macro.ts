// The `@` words that stand for a whole expression. `@every` is not among them: it is a period, not a cron expression.

import type { Problem } from '../errors.ts'

export const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const EVERY = /^@every\s+(\S+)$/i

/** The period in `@every 1h30m`, or null for any other text. */
export function everyMacro(text: string): string | null {
  return EVERY.exec(text.trim())?.[1] ?? null
}

export function macroProblem(macro: string): Problem {
  if (/^@reboot$/i.test(macro)) {
    return {
      pointer: '/cron',
      code: 'cron_reboot',
      detail:
        '@reboot is not supported: a scheduler of many nodes has no single start. ' +
        'Leave the schedule out and trigger the job when the machine starts, or use `every`.',
    }
  }
  return {
    pointer: '/cron',
    code: 'cron_fields',
    detail: `"${macro}" is not known. There are ${Object.keys(MACROS).join(', ')} and @every <duration>.`,
  }
}
