// A bar on standard error for a person; nothing for a program.

import type { Session } from './session.ts'

export type Progress = { advance(by: number): void; end(): void }

export async function startProgress(session: Session, title: string, total: number): Promise<Progress> {
  if (session.options.quiet === true || session.terminal.stderr.isTTY !== true) {
    return { advance: () => undefined, end: () => undefined }
  }
  const { progress } = await import('@clack/prompts')
  const bar = progress({ max: total, output: session.terminal.stderr })
  let done = 0
  bar.start(title)
  return {
    advance(by) {
      done += by
      bar.advance(by, `${title}: ${done} of ${total}`)
    },
    end: () => bar.stop(`${title}: ${done} of ${total}`),
  }
}
