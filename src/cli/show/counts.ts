// How many runs have which status, in words.

import type { RunStatus, StatusCounts } from '../../sdk/index.ts'

const ORDER: readonly RunStatus[] = [
  'running',
  'cancelling',
  'pending',
  'succeeded',
  'failed',
  'missed',
  'unknown',
  'cancelled',
  'skipped',
]

/** "12 succeeded, 1 failed"; what is none is left out. */
export function countsText(counts: StatusCounts): string {
  const parts = ORDER.flatMap((status) => ((counts[status] ?? 0) > 0 ? [`${counts[status]} ${status}`] : []))
  return parts.length === 0 ? 'none' : parts.join(', ')
}
