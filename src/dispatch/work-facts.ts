// The facts of a run that a body may name: {{run.id}} and its like, as the request is made.

import type { Facts } from '../domain/template.ts'
import type { HttpWork } from './http-work.ts'
import { dueAtText } from './run-headers.ts'

export function workFacts({ run, attempt }: HttpWork): Facts {
  return {
    'run.id': run.id,
    'run.job': run.jobName,
    'run.jobId': run.jobId,
    'run.projectId': run.projectId,
    'run.trigger': run.trigger,
    'run.dueAt': dueAtText(run.dueAt),
    'run.late': run.late,
    'run.fence': run.fence,
    'run.attemptCount': attempt.number,
  }
}
