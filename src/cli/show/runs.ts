// Runs for people: a list, one with its attempts, and one line of what just happened.

import type { Attempt, Run, RunDetail } from '../../sdk/index.ts'
import { type Paint, statusStyle } from './paint.ts'
import { safeLines, safeText } from './safe-text.ts'
import { fields, type TableLook, table } from './table.ts'
import { showFromNow, showInstant, showStretch, showTook } from './times.ts'

export function showRuns(runs: readonly Run[], look: TableLook, now: number): string {
  return table(
    runs,
    [
      { title: 'RUN', value: ({ id }) => id },
      { title: 'JOB', value: ({ job }) => job },
      { title: 'STATUS', value: ({ status }) => status, style: 'status' },
      { title: 'DUE', value: ({ dueAt }) => showInstant(dueAt) },
      { title: 'TOOK', value: ({ startedAt, finishedAt }) => showTook(startedAt, finishedAt, now) },
      { title: 'ATTEMPTS', value: ({ attemptCount }) => String(attemptCount) },
      { title: 'WHY', value: whyOf },
    ],
    look,
  )
}

function whyOf({ reason, message, late, trigger }: Run): string {
  const marks = [late ? 'late' : '', trigger === 'schedule' ? '' : trigger].filter((mark) => mark !== '')
  return [...marks, reason ?? message ?? ''].filter((part) => part !== '').join(', ')
}

export function showRun(run: RunDetail, look: TableLook, now: number): string {
  const { paint } = look
  const about: [string, string][] = [
    ['Run', run.id],
    ['Job', `${safeText(run.job)} (version ${run.jobVersion})`],
    ['Status', statusLine(run, paint)],
    ['Due', `${showInstant(run.dueAt)} (${showFromNow(run.dueAt, now)})${run.late ? ', late' : ''}`],
    ['Trigger', run.trigger],
  ]
  if (run.startedAt !== null) {
    const lag = Date.parse(run.startedAt) - Date.parse(run.dueAt)
    about.push(['Started', `${showInstant(run.startedAt)} (${showStretch(lag)} after it was due)`])
  }
  if (run.outside !== null) about.push(['Outside', outsideText(run.outside)])
  for (const attempt of run.attempts) {
    if (attempt.told !== null) about.push([toldTitle(attempt), toldText(attempt.told)])
  }
  if (run.finishedAt !== null) about.push(['Ended', showInstant(run.finishedAt)])
  const parts = run.parts.length === 0 ? [] : ['', showParts(run, look)]
  const attempts = run.attempts.length === 0 ? [] : ['', showAttempts(run, look, now)]
  const response = run.attempts.at(-1)?.response
  const body =
    response === null || response === undefined || response.body === '' ? [] : ['', showBody(response, paint)]
  return [fields(about, look), ...parts, ...attempts, ...body].join('\n')
}

function outsideText({
  acceptedAt,
  heardAt,
  progress,
  message,
  endsAt,
}: NonNullable<RunDetail['outside']>): string {
  const parts = [
    acceptedAt === null ? 'nobody has begun' : `begun ${showInstant(acceptedAt)}`,
    progress === null ? '' : `${Math.round(progress * 100)} %`,
    message === null ? '' : safeText(message),
    heardAt === null ? '' : `heard of ${showInstant(heardAt)}`,
    endsAt === null ? 'no time limit' : `time is up ${showInstant(endsAt)}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function toldTitle({ part }: Attempt): string {
  return part === null ? 'Says' : `Part ${part} says`
}

function toldText({ at, progress, message, endsBy }: NonNullable<Attempt['told']>): string {
  const parts = [
    progress === null ? '' : `${Math.round(progress * 100)} %`,
    message === null ? '' : safeText(message),
    `heard of ${showInstant(at)}`,
    endsBy === null ? '' : `may take until ${showInstant(endsBy)}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function statusLine({ status, reason, message }: Run, paint: Paint): string {
  const why = [reason, message]
    .filter((part) => part !== null)
    .map(safeText)
    .join(': ')
  return paint(statusStyle(status), status) + (why === '' ? '' : ` (${why})`)
}

function showParts({ parts }: RunDetail, look: TableLook): string {
  return table(
    parts,
    [
      { title: 'PART', value: ({ index }) => String(index) },
      { title: 'AGENT', value: ({ agent }) => agent ?? '-' },
      { title: 'STATUS', value: ({ status }) => status, style: 'status' },
      { title: 'ATTEMPT', value: ({ attempt }) => (attempt === null ? '-' : String(attempt)) },
      { title: 'HOW', value: ({ message }) => message ?? '' },
    ],
    look,
  )
}

function showAttempts({ attempts, parts }: RunDetail, look: TableLook, now: number): string {
  return table(
    attempts,
    [
      { title: 'ATTEMPT', value: ({ number }) => String(number) },
      ...(parts.length === 0 ? [] : [{ title: 'PART', value: ({ part }: Attempt) => String(part ?? '-') }]),
      { title: 'CAUSE', value: ({ cause }) => cause },
      { title: 'STARTED', value: ({ startedAt }) => showInstant(startedAt) },
      { title: 'TOOK', value: ({ startedAt, endedAt }) => showTook(startedAt, endedAt, now) },
      { title: 'OUTCOME', value: ({ outcome }) => outcome ?? 'under way' },
      { title: 'CONNECTED, FIRST BYTE', value: ({ timing }) => timingText(timing) },
      {
        title: 'ANSWER',
        value: ({ response, message }) => [response?.status, message].filter(Boolean).join(' '),
      },
    ],
    look,
  )
}

/** "12.4ms, 41ms" */
function timingText(timing: RunDetail['attempts'][number]['timing']): string {
  if (timing === null) return '-'
  return `${timing.connectMs}ms, ${timing.firstByteMs === null ? '-' : `${timing.firstByteMs}ms`}`
}

function showBody(response: { body: string; truncated: boolean }, paint: Paint): string {
  const cut = response.truncated ? ' (cut)' : ''
  return `${paint('dim', `Answer${cut}`)}\n${safeLines(response.body).trimEnd()}`
}

/** One line of a watch. */
export function runLine(
  run: Pick<Run, 'id' | 'job' | 'status' | 'reason' | 'message' | 'attemptCount'>,
  at: string,
  paint: Paint,
): string {
  const why = [run.reason, run.message].filter((part) => part !== null && part !== '').join(': ')
  const attempt = run.attemptCount > 1 ? ` attempt ${run.attemptCount}` : ''
  const status = paint(statusStyle(run.status), run.status.padEnd(10))
  return `${showInstant(at).slice(11)}  ${status}  ${safeText(run.job)}${attempt}  ${paint('dim', run.id)}  ${safeText(why)}`.trimEnd()
}
