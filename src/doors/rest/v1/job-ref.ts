// A job in an address: its id, or its name within a project.

import { text } from '../../http/query.ts'

export const JOB_PARAMS = { job: 'Id of the job, or its name (percent-encoded).' } as const

export const PROJECT_PARAMETER = {
  project: text('Name or id of the project in which the name is looked for. Default: `default`.'),
} as const

export type JobRef = { readonly idOrName: string; readonly project?: string }

export function jobRef(
  params: Readonly<Record<string, string>>,
  query: { readonly project?: string },
): JobRef {
  const idOrName = params.job ?? ''
  return query.project === undefined ? { idOrName } : { idOrName, project: query.project }
}
