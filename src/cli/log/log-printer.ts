// Lines of logs on their way to a person or a file: what a process wrote to standard error goes there again.

import type { LogInfo, LogLine } from '../../sdk/index.ts'
import type { Session } from '../session.ts'
import { safeJson, safeText } from '../show/safe-text.ts'

export type LogLook = {
  readonly timestamps: boolean
  /** Of several logs each line says which it is from. */
  readonly named: boolean
}

export class LogPrinter {
  readonly #session: Session
  readonly #look: LogLook

  constructor(session: Session, look: LogLook) {
    this.#session = session
    this.#look = look
  }

  lines(log: { readonly attempt: number; readonly part: number }, items: readonly LogLine[]): void {
    const { stdout, stderr } = this.#session.terminal
    if (this.#session.options.output === 'json') {
      const { attempt, part } = log
      for (const item of items) {
        this.#session.write(safeJson(JSON.stringify({ attempt, part, ...item })))
      }
      return
    }
    const name = this.#look.named ? this.#session.paint('dim', `${log.attempt}.${log.part} `) : ''
    for (const { stream, at, text, cut, open } of items) {
      if (stream === 'system') {
        this.#session.say(this.#session.talkPaint('yellow', `carillon: ${safeText(text)}`))
        continue
      }
      const out = stream === 'stdout' ? stdout : stderr
      const time = this.#look.timestamps ? `${this.#session.paint('dim', at)} ` : ''
      const shown = out.isTTY === true ? forTerminal(text) : text
      out.write(`${name}${time}${shown}${cut ? ' …' : ''}${open && out.isTTY !== true ? '' : '\n'}`)
    }
  }

  /** What a log lacks is said, never left to be noticed. */
  state({ attempt, part, note }: LogInfo): void {
    if (note !== null) this.#session.warn(`The log of attempt ${attempt}, part ${part}: ${note}.`)
  }
}

const PLAIN = '\u001b[0m'

/** Colours stay up to the end of their line, everything else that a terminal would obey is shown. */
function forTerminal(text: string): string {
  let look = PLAIN
  const shown = text.split(/(\p{Cc}\[[\d;]*m|\t)/u).map((piece, n) => {
    if (n % 2 === 0 || !'\t\u001b'.includes(piece[0]!)) return safeText(piece)
    if (piece !== '\t') look = piece
    return piece
  })
  // What was made invisible would stay so for all that comes after it, the prompt too.
  return shown.join('') + (look === PLAIN || look === '\u001b[m' ? '' : PLAIN)
}
