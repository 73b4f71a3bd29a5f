// Work as it came over the wire, as the runner and its dispatchers know it.

import type { PolicySpec } from '../domain/policy.ts'
import type { ActiveRun } from '../domain/run.ts'
import type { Target } from '../domain/target.ts'
import type { Work } from '../ports/work.ts'
import type { WorkItem } from '../protocol/work.ts'

export function workOf({ run, attempt, part, target, policy, secrets }: WorkItem, sessionId: string): Work {
  const { number, cause, fence } = attempt
  const startedAt = Date.parse(attempt.startedAt)
  const active: ActiveRun = {
    id: run.id,
    projectId: run.projectId,
    jobId: run.jobId,
    jobName: run.job,
    jobVersion: run.jobVersion,
    trigger: run.trigger,
    dueAt: Date.parse(run.dueAt),
    late: run.late,
    params: run.params ?? null,
    attempts: number,
    fence,
    createdAt: startedAt,
    startedAt,
    message: null,
    status: 'running',
    lease: { nodeId: sessionId, fence, leasedAt: startedAt },
  }
  return {
    run: active,
    spec: {
      name: run.job,
      description: null,
      labels: {},
      schedule: {},
      target: target as Target,
      policy: policy as PolicySpec,
      callback: null,
    },
    attempt: { number, cause, startedAt },
    ...(part === null ? {} : { part }),
    ...(secrets === undefined ? {} : { secrets }),
  }
}
