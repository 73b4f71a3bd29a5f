// carillon overview: how everything is, at a glance.

import type { Overview, StatusCounts } from '../../sdk/index.ts'
import { doing, type Fill, finish } from '../command-tree.ts'
import type { Session } from '../session.ts'
import { countsText } from '../show/counts.ts'
import { spark } from '../show/spark.ts'
import { fields } from '../show/table.ts'
import { showInstant, showStretch } from '../show/times.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export const fillOverview: Fill = (command, walk) => {
  finish(command)
    .option('-p, --project <name>', 'only of this project')
    .action(
      doing(walk, async (session, { project }: { readonly project?: string }) => {
        const overview = await session.client.overview.read({ project })
        await session.print(overview, () => showOverview(overview, session))
        if (overview.past.countedAt === null)
          session.say(
            'The runs of the last day are being counted: these are a part of them. Ask again in a moment.',
          )
      }),
    )
}

function showOverview(overview: Overview, session: Session): string {
  const { at, jobs, open, lastDay, lateness, deadCallbacks, past, ahead } = overview
  const rows: [string, string][] = [['At', showInstant(at)]]
  if (jobs !== null)
    rows.push(['Jobs', `${jobs.active} active, ${jobs.paused} paused, ${jobs.finished} finished`])
  if (open !== null) rows.push(['Open', countsText(open)])
  rows.push(
    ['Last day', countsText(lastDay)],
    ['Starts', latenessText(lateness)],
    ['Next hour', `${ahead.nextHour} due${ahead.sampled ? ', estimated' : ''}`],
    ['Callbacks', deadCallbacks === 0 ? 'no dead letters' : `${most(deadCallbacks)} dead letters`],
    [
      '24 h back',
      spark(
        perHour(
          past.buckets.map(({ counts }) => totalOf(counts)),
          past.bucketMs,
        ),
      ),
    ],
    ['24 h ahead', spark(perHour(ahead.counts, ahead.bucketMs))],
  )
  return fields(rows, session.look)
}

function latenessText({ starts, p50Ms, p99Ms }: Overview['lateness']): string {
  if (p50Ms === null || p99Ms === null) return 'none in the last hour'
  return `half within ${showStretch(p50Ms)}, 99 % within ${showStretch(p99Ms)} of their time (${starts} in the last hour)`
}

/** Counted no further. */
function most(count: number): string {
  return count >= 100 ? '100 or more' : String(count)
}

function totalOf(counts: StatusCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function perHour(counts: readonly number[], bucketMs: number): number[] {
  const each = Math.max(1, Math.round(HOUR_MS / bucketMs))
  const hours: number[] = []
  for (let n = 0; n < counts.length && hours.length < DAY_MS / HOUR_MS; n += each)
    hours.push(counts.slice(n, n + each).reduce((sum, count) => sum + count, 0))
  return hours
}
