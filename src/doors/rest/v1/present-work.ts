// The run protocol, between what is true inside and what goes over the wire.

import type { AttemptSays, Report } from '../../../commands/agent-work.ts'
import type { Leased } from '../../../commands/lease-pools.ts'
import type { Outcome } from '../../../domain/outcome.ts'
import type * as protocol from '../../../protocol/work.ts'
import { iso } from './present.ts'

export function presentLeased({ works, stop, draining }: Leased): protocol.Leased {
  return { works: works.map(presentWork), stop: [...stop], draining }
}

function presentWork({ run, spec, attempt, part, secrets }: Leased['works'][number]): protocol.WorkItem {
  const { id, projectId, jobId, jobName, jobVersion, trigger, dueAt, late, params, fence } = run
  return {
    run: { id, projectId, jobId, job: jobName, jobVersion, trigger, dueAt: iso(dueAt), late, params },
    attempt: { number: attempt.number, cause: attempt.cause, fence, startedAt: iso(attempt.startedAt) },
    part: part === undefined ? null : { index: part.index, total: part.total },
    target: spec.target as protocol.WorkItem['target'],
    policy: spec.policy as protocol.WorkItem['policy'],
    ...(secrets === undefined ? {} : { secrets }),
  }
}

export function heldOf({ run, fence }: protocol.Held): { runId: string; fence: number } {
  return { runId: run, fence }
}

export function newsOf({ run, fence, ...news }: protocol.AttemptNews): AttemptSays {
  return { ...heldOf({ run, fence }), ...news }
}

export function presentHeld({ runId, fence }: { runId: string; fence: number }): protocol.Held {
  return { run: runId, fence }
}

export function reportOf(report: protocol.Report): Report {
  return { ...heldOf(report), agoMs: report.agoMs ?? 0, outcome: outcomeOf(report) }
}

function outcomeOf(report: protocol.Report): Outcome {
  const { outcome: kind, code = 'failed', reached = 'yes' } = report
  const message = report.message ?? MESSAGE[kind]
  const ended = report.process === undefined ? {} : { process: report.process }
  switch (kind) {
    case 'ok':
      return { kind, ...ended }
    case 'error': {
      const retryable = report.retryable === undefined ? {} : { retryable: report.retryable }
      return { kind, code, message, reached, ...retryable, ...ended }
    }
    case 'timeout':
      return { kind, message, reached, ...ended }
    case 'cancelled':
    case 'lost':
      return { kind, message, ...ended }
    default:
      return { kind, message }
  }
}

const MESSAGE: Readonly<Record<protocol.Report['outcome'], string>> = {
  ok: 'done',
  error: 'it failed',
  timeout: 'it took too long',
  lost: 'nobody can say how it went',
  refused: 'the agent had no room for it',
  cancelled: 'it was stopped',
}
