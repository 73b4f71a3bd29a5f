// A configuration that is not to be started with: all of it at once.

import type { Notice } from '../main/config/given.ts'
import type { LoadedConfig } from '../main/config/load-config.ts'
import { CliError, type Complaint } from './cli-error.ts'
import { EXIT } from './exit-code.ts'
import type { Session } from './session.ts'

export function refuseProblems({ problems }: LoadedConfig): void {
  if (problems.length === 0) return
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  throw new CliError(EXIT.configuration, `The configuration has ${count}. Nothing was started.`, {
    complaints: problems.map(complaint),
    hint: 'See what is in force, and where it comes from: carillon check',
  })
}

export function sayWarnings(session: Session, { warnings }: LoadedConfig): void {
  for (const { origin, detail, suggestion } of warnings) {
    session.warn(`${detail} (${origin})${suggestion === undefined ? '' : ` Mend it with: ${suggestion}`}`)
  }
}

function complaint({ origin, detail, suggestion }: Notice): Complaint {
  return { where: origin, detail: /[.?]$/.test(detail) ? detail : `${detail}.`, suggestion }
}
