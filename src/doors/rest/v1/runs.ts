// Runs: find, read with attempts, cancel, do again.

import { cancelRun } from '../../../commands/cancel-run.ts'
import { getRun } from '../../../commands/get-run.ts'
import { listRuns } from '../../../commands/list-runs.ts'
import { retryRun } from '../../../commands/retry-run.ts'
import { REASONS, RUN_STATUSES, Run, RunDetail, RunPage } from '../../../protocol/run.ts'
import { endpoint } from '../../http/endpoint.ts'
import { invalid } from '../../http/http-problem.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { choices, instant, text } from '../../http/query.ts'
import { presentAttempt, presentOutside, presentPart, presentRun } from './present.ts'

const RUN_PARAMS = { run: 'Id of the run.' } as const

export const listRunsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/runs',
  operationId: 'listRuns',
  tag: 'Runs',
  summary: 'List runs',
  description: 'Latest due instants first.',
  action: 'run.read',
  query: {
    job: text('Id of a job, or its name.'),
    project: text('Name or id of a project. Left out: all the key may enter.'),
    status: choices('Only runs with one of these statuses.', RUN_STATUSES),
    reason: choices('Only runs skipped or missed for one of these reasons.', REASONS),
    from: instant('Due at this instant or later.'),
    to: instant('Due before this instant.'),
    ...PAGE_PARAMETERS,
  },
  replies: { 200: { description: 'A page of runs.', schema: RunPage } },
  problems: ['not_found'],
  handle: async ({ ctx, who, url, query }) => {
    const { limit: _limit, cursor: _cursor, ...filter } = query
    refuseEmptyRange(filter.from, filter.to)
    return pageAnswer(url, await listRuns(ctx, who, filter, pageRequest(query)), presentRun)
  },
})

export const getRunEndpoint = endpoint({
  method: 'GET',
  path: '/v1/runs/{run}',
  params: RUN_PARAMS,
  operationId: 'getRun',
  tag: 'Runs',
  summary: 'Read a run with its attempts',
  action: 'run.read',
  replies: { 200: { description: 'The run.', schema: RunDetail } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params }) => {
    const { run, attempts, parts, outside, told } = await getRun(ctx, who, params.run ?? '')
    const detail = {
      attempts: attempts.map((attempt) => presentAttempt(attempt, told.get(attempt.fence))),
      parts: parts.map(presentPart),
      outside: outside === null ? null : presentOutside(outside),
    }
    return { status: 200, body: { ...presentRun(run), ...detail } }
  },
})

export const cancelRunEndpoint = endpoint({
  method: 'POST',
  path: '/v1/runs/{run}/cancel',
  params: RUN_PARAMS,
  operationId: 'cancelRun',
  tag: 'Runs',
  summary: 'Cancel a run',
  description: 'A waiting run ends at once. One under way becomes `cancelling` and ends when it has stopped.',
  action: 'run.cancel',
  replies: { 200: { description: 'The run as it is now.', schema: Run } },
  problems: ['not_found', 'run_final'],
  handle: async ({ ctx, who, params }) => ({
    status: 200,
    body: presentRun(await cancelRun(ctx, who, params.run ?? '')),
  }),
})

export const retryRunEndpoint = endpoint({
  method: 'POST',
  path: '/v1/runs/{run}/retry',
  params: RUN_PARAMS,
  operationId: 'retryRun',
  tag: 'Runs',
  summary: 'Do the work of an ended run again',
  description: 'The ended run stays as it is; a new one is made, with the job as it is defined now.',
  action: 'run.retry',
  repeatable: true,
  replies: {
    201: { description: 'The new run.', schema: Run, headers: { Location: 'Address of the new run.' } },
  },
  problems: ['not_found', 'run_not_final', 'quota_exceeded'],
  handle: async ({ ctx, who, params, once }) => {
    const { run, replayed } = await retryRun(ctx, who, params.run ?? '', once)
    const replay = replayed ? { 'Idempotency-Replayed': 'true' } : {}
    return { status: 201, body: presentRun(run), headers: { Location: `/v1/runs/${run.id}`, ...replay } }
  },
})

export function refuseEmptyRange(from: number | undefined, to: number | undefined, name = 'from'): void {
  if (from === undefined || to === undefined || from < to) return
  throw invalid([
    { pointer: `?${name}`, code: 'range', detail: `The range is empty: "${name}" must lie before its end.` },
  ])
}
