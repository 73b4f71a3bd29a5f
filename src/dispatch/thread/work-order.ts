// A work on its way to the thread. By position: half the bytes of named fields, and half the time to write and read them.
// Those of one message are mostly alike: a target and a policy that are those of the work before are not said again.

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
  /** null: the same as that of the work before. */
  target: HttpWork['spec']['target'] | null,
  policy: HttpWork['spec']['policy'] | null,
  token: string | null,
  /** Not to be kept for other runs of its version. */
  own: boolean,
  /** Whom its project may call; null: what all may. */
  targets: TargetRules | null,
]

/** Writes the works of one message. */
export class OrderWriter {
  #before: HttpWork | null = null

  /** Another message begins. The last one may have held a secret, so this is said at its end too. */
  begin(): void {
    this.#before = null
  }

  write(work: HttpWork): WorkOrder {
    const order = workOrder(work, this.#before)
    this.#before = work
    return order
  }
}

/** Reads the works of one message. */
export class OrderReader {
  #before: HttpWork | null = null

  read(order: WorkOrder): HttpWork {
    this.#before = orderedWork(order, this.#before)
    return this.#before
  }
}

function workOrder(
  { run, spec, attempt, token, secrets, targets }: HttpWork,
  before: HttpWork | null,
): WorkOrder {
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
    before?.spec.target === spec.target ? null : spec.target,
    before?.spec.policy === spec.policy ? null : spec.policy,
    token ?? null,
    secrets !== undefined,
    targets ?? null,
  ]
}

function orderedWork(order: WorkOrder, before: HttpWork | null): HttpWork {
  const [id, projectId, jobId, jobName, jobVersion, trigger, dueAt, late, fence, params] = order
  const [, , , , , , , , , , number, at, saidTarget, saidPolicy, token, own, targets] = order
  const target = saidTarget ?? before!.spec.target
  const policy = saidPolicy ?? before!.spec.policy
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
