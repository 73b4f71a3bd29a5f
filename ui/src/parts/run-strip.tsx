// The last runs of a job, oldest first, each a shape and a colour that leads to its run.

import { Link } from 'wouter-preact'
import type { Run } from '../../../src/sdk/index.ts'
import { inAll } from '../time/time-text.tsx'
import { Glyph, type GlyphName } from './glyph.tsx'
import { TONES } from './status.tsx'

export function RunStrip({
  runs,
  zone,
}: {
  readonly runs: readonly Run[]
  readonly zone?: string | undefined
}) {
  if (runs.length === 0) return <span class="soft small">no runs yet</span>
  return (
    <span class="strip">
      {runs.toReversed().map((run) => (
        <Link
          key={run.id}
          href={`/runs/${run.id}`}
          data-tone={TONES[run.status]}
          title={`${run.status}${run.reason === null ? '' : ` (${run.reason})`}\n${inAll(Date.parse(run.dueAt), zone)}`}
          aria-label={`${run.status}, due ${run.dueAt}`}
        >
          <Glyph name={run.status as GlyphName} />
        </Link>
      ))}
    </span>
  )
}
