// Jobs and runs as a server answers them, to put into a stub's mouth.

import type { Calendar, Job, JobWithWarnings, Overview, RunDetail } from '../../src/sdk/index.ts'

export const AT = '2027-01-01T00:00:30.000Z'

export const JOB: Job = {
  id: 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
  version: 3,
  name: 'ping',
  projectId: 'prj_default',
  description: null,
  labels: { team: 'web' },
  schedule: { every: '30s' },
  target: { http: { url: 'https://example.com/ping' } },
  policy: {},
  callback: null,
  status: 'active',
  pause: null,
  nextDueAt: AT,
  createdAt: '2027-01-01T00:00:00.000Z',
  updatedAt: '2027-01-01T00:00:00.000Z',
}

export const CREATED: JobWithWarnings = {
  ...JOB,
  warnings: [{ code: 'day_or', detail: 'Either day is enough.' }],
}

export const RUN: RunDetail = {
  id: 'run_01JGFJJZ00AZ5V9W7Q3K4M6N8P',
  job: 'ping',
  jobId: JOB.id,
  projectId: 'prj_default',
  jobVersion: 3,
  trigger: 'manual',
  status: 'succeeded',
  reason: null,
  dueAt: AT,
  late: false,
  waitsForKey: null,
  readyAt: null,
  attemptCount: 1,
  fence: 1,
  params: null,
  message: 'answered 200',
  createdAt: AT,
  startedAt: '2027-01-01T00:00:30.005Z',
  finishedAt: '2027-01-01T00:00:30.090Z',
  attempts: [
    {
      number: 1,
      part: null,
      cause: 'first',
      fence: 1,
      nodeId: 'nod_1',
      agent: null,
      startedAt: '2027-01-01T00:00:30.005Z',
      endedAt: '2027-01-01T00:00:30.090Z',
      outcome: 'ok',
      message: null,
      errorCode: null,
      response: { status: 200, headers: {}, body: 'pong', bodyBytes: 4, truncated: false },
      timing: { connectMs: 12.4, firstByteMs: 41 },
      process: null,
      told: null,
      late: null,
    },
  ],
  parts: [],
  outside: null,
}

export const PREVIEW = {
  description: 'Every 30 seconds',
  timezone: 'UTC',
  instants: [{ utc: AT, local: '2027-01-01T00:00:30.000+00:00' }],
  warnings: [],
}

export const CALENDAR: Calendar = { timezone: 'UTC', days: [], gaps: [], countedFrom: null }

export const OVERVIEW: Overview = {
  at: AT,
  jobs: null,
  open: null,
  lastDay: {},
  lateness: { starts: 0, p50Ms: null, p99Ms: null },
  deadCallbacks: 0,
  past: { from: AT, bucketMs: 900_000, buckets: [], countedAt: AT },
  ahead: { from: AT, bucketMs: 900_000, counts: [], nextHour: 0, countedAt: AT, sampled: false },
}
