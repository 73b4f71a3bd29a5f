// Jobs: make, find, read, replace, change, delete.

import type { Context } from '../../../commands/context.ts'
import { createJob } from '../../../commands/create-job.ts'
import { deleteJob } from '../../../commands/delete-job.ts'
import { getJob } from '../../../commands/get-job.ts'
import { listJobs } from '../../../commands/list-jobs.ts'
import { listVersions } from '../../../commands/list-versions.ts'
import { updateJob } from '../../../commands/update-job.ts'
import type { Principal } from '../../../domain/api-key.ts'
import type { Warning } from '../../../domain/check-job.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import * as protocol from '../../../protocol/job.ts'
import { type Answer, endpoint } from '../../http/endpoint.ts'
import { etag } from '../../http/etag.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { choice, instant, text } from '../../http/query.ts'
import { patchedDraft, readDraft } from './job-document.ts'
import { JOB_PARAMS, type JobRef, jobRef, PROJECT_PARAMETER } from './job-ref.ts'
import { labelFilter } from './label-filter.ts'
import { presentJob, presentVersion } from './present.ts'
import { refuseEmptyRange } from './runs.ts'
import { tellingVersion } from './version-conflict.ts'

const ETAG = { ETag: 'The version, for If-Match.' } as const

export const createJobEndpoint = endpoint({
  method: 'POST',
  path: '/v1/jobs',
  operationId: 'createJob',
  tag: 'Jobs',
  summary: 'Create a job',
  description: 'With an Idempotency-Key it may be sent again safely: the job is made once.',
  action: 'job.create',
  body: { schema: protocol.JobDraft, unchecked: true },
  repeatable: true,
  replies: {
    201: {
      description: 'Created. `warnings` tell what may surprise about it.',
      schema: protocol.JobWithWarnings,
      headers: { ...ETAG, Location: 'Address of the job.' },
    },
  },
  problems: ['name_taken', 'quota_exceeded'],
  handle: async ({ ctx, who, body, once }) => {
    const { job, warnings, replayed } = await createJob(ctx, who, readDraft(ctx, body), once)
    const replay = replayed ? { 'Idempotency-Replayed': 'true' } : {}
    return written(201, job, warnings, { Location: `/v1/jobs/${job.id}`, ...replay })
  },
})

export const listJobsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/jobs',
  operationId: 'listJobs',
  tag: 'Jobs',
  summary: 'List jobs',
  action: 'job.read',
  query: {
    project: text('Name or id of a project. Left out: all the key may enter.'),
    status: choice('Only jobs with this status.', protocol.JOB_STATUSES),
    q: text('Part of the name or description, in upper or lower case.'),
    label: labelFilter,
    dueFrom: instant('Only jobs that will be due at this instant or later.'),
    dueTo: instant('Only jobs that will be due before this instant.'),
    ...PAGE_PARAMETERS,
  },
  replies: { 200: { description: 'A page of jobs.', schema: protocol.JobPage } },
  handle: async ({ ctx, who, url, query }) => {
    const { limit: _limit, cursor: _cursor, label, ...filter } = query
    refuseEmptyRange(filter.dueFrom, filter.dueTo, 'dueFrom')
    const labels = label === undefined ? {} : { labels: label }
    return pageAnswer(url, await listJobs(ctx, who, { ...filter, ...labels }, pageRequest(query)), presentJob)
  },
})

export const getJobEndpoint = endpoint({
  method: 'GET',
  path: '/v1/jobs/{job}',
  params: JOB_PARAMS,
  operationId: 'getJob',
  tag: 'Jobs',
  summary: 'Read a job',
  action: 'job.read',
  query: PROJECT_PARAMETER,
  replies: { 200: { description: 'The job.', schema: protocol.Job, headers: ETAG } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => {
    const job = await getJob(ctx, who, jobRef(params, query))
    return { status: 200, body: presentJob(job), headers: { ETag: etag(job.version) } }
  },
})

export const replaceJobEndpoint = endpoint({
  method: 'PUT',
  path: '/v1/jobs/{job}',
  params: JOB_PARAMS,
  operationId: 'replaceJob',
  tag: 'Jobs',
  summary: 'Replace the definition of a job',
  description:
    'What was due until now is owed under the old definition. Runs keep the version they began with.',
  action: 'job.update',
  query: PROJECT_PARAMETER,
  body: { schema: protocol.JobDraft, unchecked: true },
  conditional: true,
  replies: { 200: { description: 'Replaced.', schema: protocol.JobWithWarnings, headers: ETAG } },
  problems: ['not_found', 'name_taken', 'version_conflict', 'invalid_precondition', 'precondition_required'],
  handle: async ({ ctx, who, params, query, body, ifVersion }) => {
    const draft = readDraft(ctx, body)
    const ref = jobRef(
      params,
      query.project === undefined && draft.project !== undefined ? { project: draft.project } : query,
    )
    const { job, warnings } = await conflictTold(ctx, who, ref, () =>
      updateJob(ctx, who, ref, draft, ifVersion),
    )
    return written(200, job, warnings)
  },
})

export const patchJobEndpoint = endpoint({
  method: 'PATCH',
  path: '/v1/jobs/{job}',
  params: JOB_PARAMS,
  operationId: 'patchJob',
  tag: 'Jobs',
  summary: 'Change parts of a job',
  description:
    'A merge patch (RFC 7396): what is named replaces what was, null removes it. The result must be a valid job.',
  action: 'job.update',
  query: PROJECT_PARAMETER,
  body: { schema: protocol.JobPatch, unchecked: true, mergePatch: true },
  conditional: true,
  replies: { 200: { description: 'Changed.', schema: protocol.JobWithWarnings, headers: ETAG } },
  problems: ['not_found', 'name_taken', 'version_conflict', 'invalid_precondition', 'precondition_required'],
  handle: async ({ ctx, who, params, query, body, ifVersion }) => {
    const { id: idOrName } = await getJob(ctx, who, jobRef(params, query))
    const ref = { idOrName }
    const { job, warnings } = await conflictTold(ctx, who, ref, () =>
      patchJob(ctx, who, ref, body, ifVersion),
    )
    return written(200, job, warnings)
  },
})

export const deleteJobEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/jobs/{job}',
  params: JOB_PARAMS,
  operationId: 'deleteJob',
  tag: 'Jobs',
  summary: 'Delete a job',
  description:
    'Waiting runs end as missed (job_deleted), those under way may finish. Its ledger stays until retention forgets it.',
  action: 'job.delete',
  query: PROJECT_PARAMETER,
  conditional: true,
  replies: { 204: { description: 'Deleted.' } },
  problems: ['not_found', 'version_conflict', 'invalid_precondition'],
  handle: async ({ ctx, who, params, query, ifVersion }) => {
    const ref = jobRef(params, query)
    await conflictTold(ctx, who, ref, () => deleteJob(ctx, who, ref, ifVersion))
    return { status: 204 }
  },
})

export const listVersionsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/jobs/{job}/versions',
  params: JOB_PARAMS,
  operationId: 'listJobVersions',
  tag: 'Jobs',
  summary: 'List all definitions a job had',
  action: 'job.read',
  query: PROJECT_PARAMETER,
  replies: { 200: { description: 'Its versions.', schema: protocol.JobVersions } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params, query }) => {
    const versions = await listVersions(ctx, who, jobRef(params, query))
    return { status: 200, body: { items: versions.map(presentVersion) } }
  },
})

function written(
  status: number,
  job: Job,
  warnings: readonly Warning[],
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, body: { ...presentJob(job), warnings }, headers: { ETag: etag(job.version), ...headers } }
}

/** Times a patch that names no version is written anew onto what someone else has made of the job meanwhile. */
const PATCH_TRIES_MAX = 5

async function patchJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  patch: unknown,
  ifVersion: number | null,
): ReturnType<typeof updateJob> {
  for (let tries = 1; ; tries += 1) {
    const before = await getJob(ctx, who, ref)
    try {
      // Someone else's change since the reading must not be undone by it.
      return await updateJob(ctx, who, ref, patchedDraft(ctx, before, patch), ifVersion ?? before.version)
    } catch (error) {
      const again = ifVersion === null && tries < PATCH_TRIES_MAX
      if (!again || !(error instanceof AppError) || error.code !== 'version_conflict') throw error
    }
  }
}

function conflictTold<T>(ctx: Context, who: Principal, ref: JobRef, change: () => Promise<T>): Promise<T> {
  return tellingVersion(change, async () => (await getJob(ctx, who, ref)).version)
}
