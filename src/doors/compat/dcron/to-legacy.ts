// A job of ours and its attempts, as dcron shows them.

import type { MessageInitShape } from '@bufbuild/protobuf'
import type { Attempt } from '../../../domain/attempt.ts'
import { parseDuration } from '../../../domain/duration.ts'
import type { Job } from '../../../domain/job.ts'
import type { ProcessRecord } from '../../../domain/outcome.ts'
import {
  type ExecutionSchema,
  ExecutionStatus,
  type JobStatusResponseSchema,
  ScriptType,
} from '../../../protocol/dcron.ts'
import { rustCron } from '../rust-cron.ts'
import { LOCATION_LABEL, RUBY } from './to-command.ts'

type ExecutionShown = MessageInitShape<typeof ExecutionSchema>

export function jobShown(
  { spec }: Job,
  executions: ExecutionShown[],
): MessageInitShape<typeof JobStatusResponseSchema> {
  const ruby = spec.target.script?.interpreter === RUBY
  return {
    jobType: ruby ? ScriptType.RUBY : ScriptType.PYTHON,
    location: spec.labels[LOCATION_LABEL] ?? '',
    name: spec.name,
    timeout: (parseDuration(spec.policy.timeout ?? '0s') ?? 0) / 1_000,
    time: rustCron(spec.schedule),
    executions,
  }
}

/** What it has no word for: nobody knows the exit code of what never ended by itself. */
const NO_EXIT_CODE = -1

export function executionShown(attempt: Attempt, log: string): ExecutionShown {
  const exitCode = processOf(attempt)?.exitCode
  const status = statusOf(attempt)
  return {
    executedAt: BigInt(Math.floor(attempt.startedAt / 1_000)),
    log,
    exitCode:
      exitCode ??
      (status === ExecutionStatus.RUNNING || status === ExecutionStatus.SUCCEEDED ? 0 : NO_EXIT_CODE),
    status,
  }
}

function statusOf({ outcome }: Attempt): ExecutionStatus {
  if (outcome === null) return ExecutionStatus.RUNNING
  if (outcome === 'ok') return ExecutionStatus.SUCCEEDED
  return outcome === 'timeout' ? ExecutionStatus.TIMEOUT : ExecutionStatus.FAILED
}

export function processOf({ detail }: Attempt): ProcessRecord | undefined {
  return detail !== null && 'process' in detail ? detail.process : undefined
}
