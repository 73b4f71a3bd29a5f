// Waits for the end of a run; the exit code is its result.

import { CarillonError, type RunDetail } from '../sdk/index.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-code.ts'
import type { Session } from './session.ts'
import { runLine, showRun } from './show/runs.ts'

export type Awaiting = { readonly tell: boolean; readonly timeoutMs: number | undefined }

export async function awaitRun(session: Session, id: string, { tell, timeoutMs }: Awaiting): Promise<void> {
  const onChange = (run: RunDetail): void => {
    if (tell) session.say(runLine(run, new Date().toISOString(), session.talkPaint))
  }
  const run = await session.client.runs.wait(id, { timeoutMs, onChange }).catch((error: unknown) => {
    if (error instanceof CarillonError && error.code === 'timed_out' && timeoutMs !== undefined) {
      throw new CliError(EXIT.waitTimedOut, error.detail, {
        hint: `Look again with: carillon run get ${id}`,
        cause: error,
      })
    }
    throw error
  })
  await session.print(run, () => showRun(run, session.look, Date.now()))
  if (run.status !== 'succeeded') session.exitCode = EXIT.runFailed
}
