// The figures of the overview, and the last runs of many jobs.

import { readOverview } from '../../../commands/read-overview.ts'
import { RECENT_JOBS_MAX, RECENT_RUNS_MAX, recentRuns } from '../../../commands/recent-runs.ts'
import type { Survey } from '../../../commands/survey.ts'
import * as protocol from '../../../protocol/overview.ts'
import { type Endpoint, endpoint } from '../../http/endpoint.ts'
import { integer, type Parameter, text } from '../../http/query.ts'
import { iso, isoOrNull, presentRun } from './present.ts'

export function overviewEndpoint(survey: Survey): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/v1/overview',
    operationId: 'readOverview',
    tag: 'Overview',
    summary: 'Read the figures of the overview',
    action: 'run.read',
    query: { project: text('Name or id of a project. Left out: all the key may enter.') },
    replies: { 200: { description: 'The figures.', schema: protocol.Overview } },
    problems: ['not_found'],
    handle: async ({ ctx, who, query }) => {
      const { at, past, ahead, ...figures } = await readOverview(ctx, who, survey, query.project)
      const body: protocol.Overview = {
        at: iso(at),
        ...figures,
        past: {
          from: iso(past.from),
          bucketMs: past.bucketMs,
          buckets: past.buckets.map(({ at, counts }) => ({ at: iso(at), counts })),
          countedAt: isoOrNull(past.countedAt),
        },
        ahead: {
          ...ahead,
          counts: [...ahead.counts],
          from: iso(ahead.from),
          countedAt: isoOrNull(ahead.countedAt),
        },
      }
      return { status: 200, body }
    },
  })
}

const jobIds: Parameter<readonly string[]> = {
  description: `Id of a job; up to ${RECENT_JOBS_MAX}, separated by commas or repeated.`,
  schema: { type: 'string' },
  repeatable: true,
  read: (values) => {
    const ids = values.flatMap((value) => value.split(','))
    return ids.length <= RECENT_JOBS_MAX
      ? { value: ids }
      : { code: 'range', wrong: `names at most ${RECENT_JOBS_MAX} jobs.` }
  },
}

export const recentRunsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/recent-runs',
  operationId: 'listRecentRuns',
  tag: 'Overview',
  summary: 'List the last runs of each of some jobs',
  action: 'run.read',
  query: { job: jobIds, limit: integer('Runs of each job.', 1, RECENT_RUNS_MAX, 20) },
  replies: { 200: { description: 'The last runs.', schema: protocol.RecentRuns } },
  handle: async ({ ctx, who, query }) => {
    const ids = query.job ?? []
    const recent = await recentRuns(ctx, who, ids, query.limit ?? 20)
    return {
      status: 200,
      body: { items: ids.map((jobId, n) => ({ jobId, runs: recent[n]!.map(presentRun) })) },
    }
  },
})
