// Jobs for people: a list, and one with all there is to know.

import type { Job, Schedule } from '../../sdk/index.ts'
import { statusStyle } from './paint.ts'
import { safeText } from './safe-text.ts'
import { fields, type TableLook, table } from './table.ts'
import { targetRest, targetWords } from './target-words.ts'
import { showFromNow, showInstant } from './times.ts'

export function showJobs(jobs: readonly Job[], look: TableLook, now: number): string {
  return table(
    jobs,
    [
      { title: 'NAME', value: ({ name }) => name },
      { title: 'STATUS', value: ({ status }) => status, style: 'status' },
      { title: 'SCHEDULE', value: ({ schedule }) => scheduleWord(schedule) },
      { title: 'NEXT', value: ({ nextDueAt }) => showFromNow(nextDueAt, now) },
      { title: 'DUE', value: ({ nextDueAt }) => showInstant(nextDueAt) },
      { title: 'DOES', value: ({ target }) => targetWords(target) },
    ],
    look,
  )
}

/** The schedule as it was written, in one word or two. */
export function scheduleWord({ cron, every, at, timezone }: Schedule): string {
  const zone = timezone === undefined ? '' : ` ${timezone}`
  if (cron !== undefined) return cron + zone
  if (every !== undefined) return `every ${every}`
  return at === undefined ? 'when triggered' : `at ${at}${zone}`
}

/** `words`: the schedule in words. */
export function showJob(job: Job, words: string | null, look: TableLook, now: number): string {
  const rows: [string, string][] = [
    ['Job', `${look.paint('bold', safeText(job.name))} (${job.id}, version ${job.version})`],
    ['Status', look.paint(statusStyle(job.status), job.status) + pauseWords(job)],
    ['Schedule', safeText(words ?? scheduleWord(job.schedule))],
    [
      'Next',
      job.nextDueAt === null ? '-' : `${showInstant(job.nextDueAt)} (${showFromNow(job.nextDueAt, now)})`,
    ],
    ['Does', safeText(targetWords(job.target))],
  ]
  if (job.description !== null) rows.push(['About', safeText(job.description)])
  const labels = Object.entries(job.labels)
  if (labels.length > 0)
    rows.push(['Labels', safeText(labels.map(([key, value]) => `${key}=${value}`).join(', '))])
  for (const [name, part] of [
    ['Target', targetRest(job.target)],
    ['Policy', job.policy],
    ['Callback', job.callback ?? {}],
  ] as const) {
    if (Object.keys(part).length > 0) rows.push([name, safeText(JSON.stringify(part))])
  }
  rows.push(
    ['Project', job.projectId],
    ['Created', showInstant(job.createdAt)],
    ['Changed', showInstant(job.updatedAt)],
  )
  return fields(rows, look)
}

function pauseWords({ pause }: Job): string {
  if (pause === null) return ''
  const until = pause.until === null ? '' : ` until ${showInstant(pause.until)}`
  const note = pause.note === null ? '' : `: ${safeText(pause.note)}`
  return ` since ${showInstant(pause.at)}${until} by ${safeText(pause.by)}${note}`
}
