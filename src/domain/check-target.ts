// Can a job do this? Shapes were checked at the door; here is meaning, for each kind of target in a file of its own.

import { checkCommandTarget, checkScriptTarget } from './check-execution.ts'
import { checkHttpTarget } from './check-http-target.ts'
import { checkMessageTarget } from './check-message-target.ts'
import type { Problems } from './errors.ts'
import { TARGET_KINDS, type Target } from './target.ts'

export function checkTarget(target: Target, problems: Problems, pointer: string): void {
  const kinds = TARGET_KINDS.filter((kind) => target[kind] !== undefined)
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? '' : `, not ${kinds.join(' and ')}`
    problems.add(
      pointer,
      'exactly_one_of',
      `A job does one thing: ${TARGET_KINDS.join(', ').replace(/, (\w+)$/, ' or $1')}${found}.`,
    )
  }
  if (target.http !== undefined) checkHttpTarget(target.http, problems, `${pointer}/http`)
  if (target.command !== undefined) checkCommandTarget(target.command, problems, `${pointer}/command`)
  if (target.script !== undefined) checkScriptTarget(target.script, problems, `${pointer}/script`)
  if (target.message !== undefined) checkMessageTarget(target.message, problems, `${pointer}/message`)
}
