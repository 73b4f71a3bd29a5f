// A work on its way to the thread. By position: half the bytes of named fields, and half the time to write and read them.

import type { TargetRules } from '../../domain/target-rules.ts'
import type { HttpWork } from '../http-work.ts'

export type WorkOrder = readonly [
  runId: string,
  projectId: string,
  jobId: string,
  jobName: string,
  jobVersion: number,
  trigger: HttpWork['run']['trigger'],
  dueAt: number,
  late: boolean,
  fence: number,
  params: unknown,
  attempt: number,
  /** Of a job that runs once: its moment. */
  at: string | null,
  target: HttpWork['spec']['target'],
  policy: HttpWork['spec']['policy'],
  token: string | null,
  /** Not to be kept for other runs of its version. */
  own: boolean,
  /** Whom its project may call; null: what all may. */
  targets: TargetRules | null,
]

export function workOrder({ run, spec, attempt, token, secrets, targets }: HttpWork): WorkOrder {
  return [
    run.id,
    run.projectId,
    run.jobId,
    run.jobName,
    run.jobVersion,
    run.trigger,
    run.dueAt,
    run.late,
    run.fence,
    run.params,
    attempt.number,
    spec.schedule.at ?? null,
    spec.target,
    spec.policy,
    token ?? null,
    secrets !== undefined,
    targets ?? null,
  ]
}

export function orderedWork(order: WorkOrder): HttpWork {
  const [id, projectId, jobId, jobName, jobVersion, trigger, dueAt, late, fence, params] = order
  const [, , , , , , , , , , number, at, target, policy, token, own, targets] = order
  const work: HttpWork = {
    run: { id, projectId, jobId, jobName, jobVersion, trigger, dueAt, late, fence, params },
    spec: { name: jobName, schedule: at === null ? {} : { at }, target, policy },
    attempt: { number },
  }
  if (token === null && !own && targets === null) return work
  return {
    ...work,
    ...(token === null ? {} : { token }),
    ...(own ? { secrets: true } : {}),
    ...(targets === null ? {} : { targets }),
  }
}
