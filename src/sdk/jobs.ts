// Jobs: what to run, when, under which rules.

import type { BulkLine, BulkRequest } from '../protocol/bulk.ts'
import type { Calendar } from '../protocol/calendar.ts'
import type {
  Job,
  JobCheck,
  JobDraft,
  JobPage,
  JobPatch,
  JobVersion,
  JobVersions,
  JobWithWarnings,
  PauseRequest,
  ResumeRequest,
  TriggerRequest,
} from '../protocol/job.ts'
import type { JobBatchReport, JobBatchRequest } from '../protocol/job-batch.ts'
import type { Explanation, Ledger } from '../protocol/ledger.ts'
import type { Run } from '../protocol/run.ts'
import type { CallOptions, CreateOptions, EditOptions } from './client-options.ts'
import { newIdempotencyKey } from './idempotency-key.ts'
import { everyItem, type PageQuery } from './pages.ts'
import { segment } from './query.ts'
import { readLines } from './read-lines.ts'
import type { Transport } from './transport.ts'

/** Names are unique in their project; an id needs none. Default: the project `default`. */
export type InProject = {
  /** Name or id of the project in which the name is looked up. */
  readonly project?: string | undefined
}

export type JobQuery = PageQuery & {
  /** Name or id of a project. Default: all that the key may enter. */
  readonly project?: string | undefined
  readonly status?: Job['status'] | undefined
  /** Part of the name or the description, in any case. */
  readonly q?: string | undefined
  /** Labels it must have. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** Only jobs that will be due at this instant or later, and before `dueTo`. */
  readonly dueFrom?: string | Date | undefined
  readonly dueTo?: string | Date | undefined
}

export type LedgerQuery = InProject & {
  /** RFC 3339 or a Date; inclusive. Default: a day ago. */
  readonly from?: string | Date | undefined
  /** Exclusive. Default: in a day. */
  readonly to?: string | Date | undefined
  readonly limit?: number | undefined
}

export class JobsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Accepts a job. What was accepted survives a crash of the server. */
  create(draft: JobDraft, options: CreateOptions = {}): Promise<JobWithWarnings> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/jobs', body: draft })
  }

  /** What `create` would refuse it for, and what may surprise about it. Stores nothing. */
  check(draft: JobDraft, options: CallOptions = {}): Promise<JobCheck> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/jobs/check', body: draft })
  }

  /** The same for a definition that would `replace` that of a job. */
  checkEdit(job: string, draft: JobDraft, options: CallOptions & InProject = {}): Promise<JobCheck> {
    return this.#call('POST', job, '/check', options, draft)
  }

  /** Accepts up to 10,000 jobs at once: all or none (`whole`), or each for itself (`each`). */
  createMany(request: JobBatchRequest, options: CreateOptions = {}): Promise<JobBatchReport> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/jobs/batch', body: request })
  }

  /** One page of jobs. */
  list(query: JobQuery = {}, options: CallOptions = {}): Promise<JobPage> {
    const { labels, ...rest } = query
    const label =
      labels === undefined ? undefined : Object.entries(labels).map(([key, value]) => `${key}=${value}`)
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/jobs', query: { ...rest, label } })
  }

  /** All jobs, page after page. */
  all(query: JobQuery = {}, options: CallOptions = {}): AsyncGenerator<Job, void, undefined> {
    return everyItem(query, (page) => this.list(page, options))
  }

  /** A job by name or id. */
  get(job: string, options: CallOptions & InProject = {}): Promise<Job> {
    return this.#call('GET', job, '', options)
  }

  /** Replaces the whole definition; a new version. */
  replace(job: string, draft: JobDraft, options: EditOptions & InProject = {}): Promise<JobWithWarnings> {
    return this.#call('PUT', job, '', options, draft)
  }

  /** Changes parts of the definition (RFC 7396: null removes); a new version. */
  patch(job: string, patch: JobPatch, options: EditOptions & InProject = {}): Promise<JobWithWarnings> {
    return this.#call('PATCH', job, '', options, patch)
  }

  /** Deletes it. Runs that wait are cancelled; its ledger stays until retention forgets it. */
  delete(job: string, options: EditOptions & InProject = {}): Promise<void> {
    return this.#call('DELETE', job, '', options)
  }

  /** One run now, besides the schedule. */
  trigger(job: string, request: TriggerRequest = {}, options: CreateOptions & InProject = {}): Promise<Run> {
    return this.#call('POST', job, '/trigger', options, request)
  }

  /** No further runs until it is resumed, by hand or at `until`. */
  pause(job: string, request: PauseRequest = {}, options: CreateOptions & InProject = {}): Promise<Job> {
    return this.#call('POST', job, '/pause', options, request)
  }

  /** Ends a pause. */
  resume(job: string, request: ResumeRequest = {}, options: CreateOptions & InProject = {}): Promise<Job> {
    return this.#call('POST', job, '/resume', options, request)
  }

  /** Why it rang, or did not ring, at an instant. Default: the last time it was due. */
  why(job: string, at?: string | Date, options: CallOptions & InProject = {}): Promise<Explanation> {
    return this.#call('GET', job, '/why', options, undefined, { at })
  }

  /** Every definition it has or had. */
  async versions(job: string, options: CallOptions & InProject = {}): Promise<JobVersion[]> {
    const { items } = await this.#call<JobVersions>('GET', job, '/versions', options)
    return items
  }

  /**
   * Pauses, resumes, triggers or deletes many jobs: line by line as it goes. Leaving the loop stops it. A line with
   * `done` is the last one; without it the answer was cut off.
   */
  async *bulk(request: BulkRequest, options: CreateOptions = {}): AsyncGenerator<BulkLine, void, undefined> {
    const ended = new AbortController()
    const signal =
      options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal])
    const idempotencyKey = options.idempotencyKey ?? newIdempotencyKey()
    try {
      const call = { method: 'POST', path: '/v1/jobs/bulk', body: request, idempotencyKey } as const
      const response = await this.#transport.openCall(call, 'application/x-ndjson', signal)
      yield* readLines<BulkLine>(response.body as ReadableStream<Uint8Array>)
    } finally {
      ended.abort()
    }
  }

  /** How the runs of each day ended. */
  calendar(
    job: string,
    query: InProject & { readonly days?: number | undefined; readonly timezone?: string | undefined } = {},
    options: CallOptions = {},
  ): Promise<Calendar> {
    const { project, ...rest } = query
    return this.#call('GET', job, '/calendar', { ...options, project }, undefined, rest)
  }

  /** What became of every due instant in a stretch of time, and what is still to come. */
  ledger(job: string, query: LedgerQuery = {}, options: CallOptions = {}): Promise<Ledger> {
    const { project, ...range } = query
    return this.#call('GET', job, '/ledger', { ...options, project }, undefined, range)
  }

  #call<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    job: string,
    action: string,
    { project, ...options }: EditOptions & InProject,
    body?: unknown,
    query: Readonly<Record<string, string | Date | number | undefined>> = {},
  ): Promise<T> {
    const path = `/v1/jobs/${segment(job)}${action}`
    return this.#transport.call({ ...options, method, path, body, query: { project, ...query } })
  }
}
