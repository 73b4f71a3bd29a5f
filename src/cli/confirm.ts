// A question before something that cannot be undone.

import { CliError } from './cli-error.ts'
import { EXIT } from './exit-code.ts'
import type { Session } from './session.ts'
import { safeText } from './show/safe-text.ts'

/** Returns when the answer is yes. Where nobody can be asked, -y must have answered. */
export async function confirm(session: Session, question: string): Promise<void> {
  if (session.options.yes === true) return
  if (!session.interactive) {
    throw new CliError(EXIT.usage, `${safeText(question)} Nobody can be asked here.`, {
      hint: 'Answer beforehand with -y.',
    })
  }
  if (!(await ask(session, question))) throw new CliError(EXIT.failure, 'Nothing was done.')
}

export async function ask(session: Session, question: string): Promise<boolean> {
  const clack = await import('@clack/prompts')
  const { stdin, stderr } = session.terminal
  const answer = await clack.confirm({
    message: safeText(question),
    initialValue: false,
    input: stdin,
    output: stderr,
  })
  if (clack.isCancel(answer)) throw new CliError(EXIT.interrupted, 'Interrupted.')
  return answer
}
