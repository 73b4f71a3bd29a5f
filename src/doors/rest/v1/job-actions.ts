// What one does with a job: pause, resume, trigger, ask why.

import { explainJob } from '../../../commands/explain-job.ts'
import { pauseJob } from '../../../commands/pause-job.ts'
import { resumeJob } from '../../../commands/resume-job.ts'
import { triggerJob } from '../../../commands/trigger-job.ts'
import type { Job } from '../../../domain/job.ts'
import * as protocol from '../../../protocol/job.ts'
import { Explanation } from '../../../protocol/ledger.ts'
import { Run } from '../../../protocol/run.ts'
import { type Answer, endpoint } from '../../http/endpoint.ts'
import { etag } from '../../http/etag.ts'
import { instant } from '../../http/query.ts'
import { refuseNoInstant } from './instant-field.ts'
import { JOB_PARAMS, jobRef, PROJECT_PARAMETER } from './job-ref.ts'
import { iso, isoOrNull, presentGap, presentJob, presentRun } from './present.ts'

const PLACE = { method: 'POST', params: JOB_PARAMS, tag: 'Jobs', query: PROJECT_PARAMETER } as const

export const pauseJobEndpoint = endpoint({
  ...PLACE,
  path: '/v1/jobs/{job}/pause',
  operationId: 'pauseJob',
  summary: 'Pause a job',
  description:
    'Nothing new starts; what is under way goes on. Pausing a paused job replaces its note and its end.',
  action: 'job.pause',
  body: { schema: protocol.PauseRequest, optional: true },
  replies: { 200: { description: 'Paused.', schema: protocol.Job } },
  problems: ['not_found', 'job_finished'],
  handle: async ({ ctx, who, params, query, body }) => {
    refuseNoInstant(body.until, '/until')
    return shown(await pauseJob(ctx, who, jobRef(params, query), body))
  },
})

export const resumeJobEndpoint = endpoint({
  ...PLACE,
  path: '/v1/jobs/{job}/resume',
  operationId: 'resumeJob',
  summary: 'Resume a paused job',
  description:
    'What the pause covered is skipped or caught up, as the request or else the job says. Not paused: no change.',
  action: 'job.resume',
  body: { schema: protocol.ResumeRequest, optional: true },
  replies: { 200: { description: 'Resumed.', schema: protocol.Job } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query, body }) =>
    shown(await resumeJob(ctx, who, jobRef(params, query), body)),
})

export const triggerJobEndpoint = endpoint({
  ...PLACE,
  path: '/v1/jobs/{job}/trigger',
  operationId: 'triggerJob',
  summary: 'Run a job now',
  description:
    'One run besides the schedule. The overlap rule holds: what may not start is answered as skipped.',
  action: 'job.trigger',
  body: { schema: protocol.TriggerRequest, optional: true },
  repeatable: true,
  replies: { 201: { description: 'The run.', schema: Run, headers: { Location: 'Address of the run.' } } },
  problems: ['not_found', 'job_paused', 'quota_exceeded'],
  handle: async ({ ctx, who, params, query, body, once }) => {
    const { run, replayed } = await triggerJob(ctx, who, jobRef(params, query), body, once)
    const replay = replayed ? { 'Idempotency-Replayed': 'true' } : {}
    return { status: 201, body: presentRun(run), headers: { Location: `/v1/runs/${run.id}`, ...replay } }
  },
})

export const explainJobEndpoint = endpoint({
  method: 'GET',
  path: '/v1/jobs/{job}/why',
  params: JOB_PARAMS,
  operationId: 'explainJob',
  tag: 'Ledger',
  summary: 'Ask why a job rang or did not',
  action: 'ledger.read',
  query: { ...PROJECT_PARAMETER, at: instant('The instant in question. Default: its last due instant.') },
  replies: { 200: { description: 'The answer, in a sentence, and what it rests on.', schema: Explanation } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => {
    const { at, due, answer, entry, next, previous, facts } = await explainJob(
      ctx,
      who,
      jobRef(params, query),
      query.at ?? null,
    )
    const isGap = entry !== null && 'count' in entry
    const body: Explanation = {
      at: iso(at),
      due,
      answer,
      run: entry === null || isGap ? null : presentRun(entry),
      gap: isGap ? presentGap(entry) : null,
      previous: isoOrNull(previous),
      next: isoOrNull(next),
      facts: [...facts],
    }
    return { status: 200, body }
  },
})

function shown(job: Job): Answer {
  return { status: 200, body: presentJob(job), headers: { ETag: etag(job.version) } }
}
