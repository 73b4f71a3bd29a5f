// carillon job trigger: one run now, and its result when that is waited for.

import type { Run } from '../../sdk/index.ts'
import { awaitRun } from '../await-run.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { readInput } from '../read-input.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'

export type TriggerOptions = {
  readonly project?: string
  readonly params?: string
  readonly force?: boolean
  readonly wait?: boolean
  readonly follow?: boolean
  readonly timeout?: number
}

export async function triggerJob(session: Session, ref: string, options: TriggerOptions): Promise<void> {
  const { wait, follow, timeout } = options
  const run = await startRun(session, ref, options)
  if (wait === true || follow === true)
    return awaitRun(session, run.id, { tell: follow === true, timeoutMs: timeout })
  await session.print(run, () => `Run ${run.id} of ${safeText(run.job)} is ${run.status}`)
  session.say(`Watch it with: carillon run watch ${run.id}`)
}

export async function startRun(session: Session, ref: string, options: TriggerOptions): Promise<Run> {
  const { project, force } = options
  const request = { ...(await paramsOf(session, options.params)), ...(force === true ? { force } : {}) }
  return session.client.jobs.trigger(ref, request, { project })
}

export async function paramsOf(session: Session, text: string | undefined): Promise<{ params?: unknown }> {
  if (text === undefined) return {}
  const json = text.startsWith('@') ? await readInput(session, text.slice(1)) : text
  try {
    return { params: JSON.parse(json) as unknown }
  } catch {
    throw new CliError(EXIT.usage, '--params is not JSON.', {
      hint: `Quote it for the shell: --params '{"day":"2027-01-31"}'`,
    })
  }
}
