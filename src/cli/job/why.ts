// carillon job why, carillon why: a sentence, and what it rests on.

import type { Explanation } from '../../sdk/index.ts'
import { pointInTime } from '../point-in-time.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { fields } from '../show/table.ts'
import { showFromNow, showInstant } from '../show/times.ts'

export async function explainJob(
  session: Session,
  ref: string,
  time: string | undefined,
  { project }: { readonly project?: string },
): Promise<void> {
  const at = time === undefined ? undefined : pointInTime(time, new Date())
  const explanation = await session.client.jobs.why(ref, at, { project })
  await session.print(explanation, () => showExplanation(explanation, session))
}

function showExplanation({ answer, facts, previous, next, at, run }: Explanation, session: Session): string {
  const now = Date.now()
  const rows: [string, string][] = [
    ['about', `${showInstant(at)} (${showFromNow(at, now)})`],
    ...facts.map(({ label, detail }): [string, string] => [safeText(label), safeText(detail)]),
  ]
  if (run !== null) rows.push(['run', `${run.id} (carillon run get ${run.id})`])
  rows.push(['due before', showInstant(previous)], ['due after', showInstant(next)])
  return `${session.paint('bold', safeText(answer))}\n${fields(rows, session.look)}`
}
