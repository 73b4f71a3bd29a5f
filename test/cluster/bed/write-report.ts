// What is left of a play for a reader: the timeline as a page, the history as lines, what the nodes said.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { History } from '../checker/history.ts'
import { describeLateness } from '../checker/lateness.ts'
import { describeFinding } from '../checker/verdict.ts'
import { timelinePage } from '../timeline/timeline-page.ts'
import type { Played } from './play.ts'

const LATEST_MAX = 200

/** Gives the path of the timeline. */
export function writeReport(folder: string, title: string, played: Played): string {
  mkdirSync(folder, { recursive: true })
  const page = join(folder, 'timeline.html')
  writeFileSync(page, timelinePage(title, played.history, played))
  writeFileSync(join(folder, 'history.jsonl'), linesOf(played.history))
  writeFileSync(join(folder, 'findings.txt'), `${played.findings.map(describeFinding).join('\n')}\n`)
  const latest = played.lateness.toSorted((a, b) => b.lateMs - a.lateMs).slice(0, LATEST_MAX)
  writeFileSync(join(folder, 'latest.txt'), `${latest.map(describeLateness).join('\n')}\n`)
  for (const [node, log] of Object.entries(played.logs)) writeFileSync(join(folder, `${node}.log`), log)
  return page
}

/** One thing that happened in each line, by kind; the book row by row. */
function linesOf({ book, limits, counts: _, ...happened }: History): string {
  const { readAt, ...tables } = book
  const rows = Object.entries({ ...happened, ...tables }).flatMap(([kind, list]) =>
    list.map((one) => JSON.stringify({ kind, ...one })),
  )
  return `${[JSON.stringify({ kind: 'limits', readAt, ...limits }), ...rows].join('\n')}\n`
}
