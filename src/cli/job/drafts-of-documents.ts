// A file may hold one job, a list, {jobs: […]}, or several documents of these.

import type { JobDraft } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'

/** `project`: where jobs go that name none. */
export function draftsOf(documents: readonly unknown[], project: string | undefined): JobDraft[] {
  return documents.flatMap(jobsOf).map((draft, n) => {
    if (typeof draft !== 'object' || draft === null || Array.isArray(draft)) {
      throw new CliError(EXIT.usage, `Job ${n + 1} of the file is no map of fields.`, {
        hint: 'A job has name, schedule and target.',
      })
    }
    return { ...(project === undefined ? {} : { project }), ...(draft as JobDraft) }
  })
}

function jobsOf(document: unknown): unknown[] {
  if (Array.isArray(document)) return document
  const { jobs } = (document ?? {}) as { jobs?: unknown }
  return Array.isArray(jobs) ? jobs : [document]
}
