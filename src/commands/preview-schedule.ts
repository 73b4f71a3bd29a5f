import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import { compileSchedule, type ScheduleSpec, type ScheduleWarning } from '../domain/schedule/schedule.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'

export type Preview = {
  readonly description: string
  readonly timezone: string
  readonly instants: readonly number[]
  readonly warnings: readonly ScheduleWarning[]
}

const COUNT_DEFAULT = 10

export function previewSchedule(
  ctx: Context,
  who: Principal,
  request: { readonly schedule: ScheduleSpec; readonly from?: number; readonly count?: number },
): Preview {
  authorize(who, 'schedule.preview')
  const now = ctx.clock.now()
  const from = request.from ?? now
  const count = Math.min(request.count ?? COUNT_DEFAULT, request.schedule.maxRuns ?? Number.POSITIVE_INFINITY)
  const schedule = compile(request.schedule, now)
  const instants = schedule.between(from, Number.MAX_SAFE_INTEGER, Math.min(count, ctx.limits.previewMax))
  return {
    description: schedule.describe(),
    timezone: schedule.timezone,
    instants,
    warnings: schedule.warnings(from),
  }
}

/** The problems of a schedule, told as the request has it: below /schedule. */
function compile(spec: ScheduleSpec, now: number): ReturnType<typeof compileSchedule> {
  try {
    return compileSchedule(spec, { hashKey: 'preview', createdAt: now })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const problems = error.problems.map((problem) => ({ ...problem, pointer: `/schedule${problem.pointer}` }))
    throw new AppError('invalid', error.message, problems)
  }
}
