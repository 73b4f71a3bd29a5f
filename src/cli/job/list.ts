// carillon job list

import type { Job } from '../../sdk/index.ts'
import { type PageOptions, printPages } from '../page-options.ts'
import type { Session } from '../session.ts'
import { showJobs } from '../show/jobs.ts'
import { labelsOf } from './draft-of-options.ts'
import { type DueOptions, dueIn } from './due-in.ts'

type ListOptions = PageOptions &
  DueOptions & {
    readonly search?: string
    readonly status?: Job['status']
    readonly label?: readonly string[]
    readonly project?: string
  }

export async function listJobs(session: Session, options: ListOptions): Promise<void> {
  const { search, status, label, project } = options
  const labels = label === undefined ? undefined : labelsOf(label)
  const due = dueIn(options)
  await printPages(
    session,
    options,
    (page) => session.client.jobs.list({ ...page, q: search, status, labels, project, ...due }),
    (jobs) => showJobs(jobs, session.look, Date.now()),
    'No jobs. Make one: carillon job create NAME --every 30s --url https://…',
  )
}
