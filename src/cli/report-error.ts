// The one place where an error becomes text on standard error and an exit code. No stack, unless CARILLON_DEBUG is set.

import { CommanderError } from 'commander'
import { CarillonError } from '../sdk/index.ts'
import { CliError } from './cli-error.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { problemOfClient } from './problem-of-client.ts'
import type { Session } from './session.ts'
import { painter } from './show/paint.ts'
import { safeText } from './show/safe-text.ts'
import { hasColours, type Terminal } from './terminal.ts'

export function reportError(
  error: unknown,
  terminal: Terminal,
  session: Session | null,
  place = 'carillon',
): ExitCode {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok
  // The help that commander shows for a command that lacks its second word.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage
  const told = inWords(error, session, place)
  const colour = session?.options.color
  const paint = painter(hasColours(terminal.stderr, terminal.env, colour))
  const lines = [`${paint(['red', 'bold'], 'error:')} ${safeText(told.message)}`]
  for (const { where, detail, suggestion } of told.complaints) {
    const meant =
      suggestion === undefined || detail.includes(suggestion) ? '' : ` Did you mean "${suggestion}"?`
    lines.push(
      `  ${paint('bold', safeText(where === '' ? '(all of it)' : where))}: ${safeText(detail + meant)}`,
    )
  }
  if (told.hint !== null) lines.push(`${paint('cyan', 'hint:')} ${safeText(told.hint)}`)
  if (terminal.env.CARILLON_DEBUG) lines.push(String((error as Error).stack ?? error))
  terminal.stderr.write(`${lines.join('\n')}\n`)
  return told.exitCode
}

function inWords(error: unknown, session: Session | null, place: string): CliError {
  if (error instanceof CliError) return error
  if (error instanceof CarillonError && session !== null) return problemOfClient(error, session)
  if (error instanceof CommanderError) return misused(error, place)
  const message = error instanceof Error ? error.message : String(error)
  return new CliError(EXIT.failure, message, {
    hint: 'This should not have happened. CARILLON_DEBUG=1 shows where it did.',
  })
}

function misused(error: CommanderError, place: string): CliError {
  const [first = '', ...rest] = error.message.split('\n')
  const meant = rest.join(' ').replace(/^\((.*)\)$/, ' $1')
  return new CliError(EXIT.usage, `${first.replace(/^error: /, '')}.${meant}`, {
    hint: `See: ${place} --help`,
  })
}
