// A status: its shape, its word, and a colour that only helps.

import type { ComponentChildren } from 'preact'
import type { Job, Run, RunStatus } from '../../../src/sdk/index.ts'
import { Glyph, type GlyphName } from './glyph.tsx'

export type Tone = 'ok' | 'bad' | 'warn' | 'busy' | 'odd' | 'calm'

export const TONES: Readonly<Record<RunStatus | Job['status'], Tone>> = {
  succeeded: 'ok',
  failed: 'bad',
  missed: 'warn',
  skipped: 'calm',
  cancelled: 'calm',
  cancelling: 'busy',
  unknown: 'odd',
  pending: 'calm',
  running: 'busy',
  active: 'ok',
  paused: 'warn',
  finished: 'calm',
}

export const REASON_WORDS: Readonly<Record<NonNullable<Run['reason']>, string>> = {
  overlap: 'an earlier run was still open',
  paused: 'the job was paused',
  calendar: 'a calendar excludes it',
  too_late: 'it could not start in time',
  catch_up_limit: 'it passed while nothing could ring it',
  quota: 'the quota was used up',
  no_agent: 'no matching agent was there',
  superseded: 'a newer instant took its place',
  job_deleted: 'the job was deleted',
}

export type SignOf = readonly [Tone, GlyphName]

/** A shape and a word for what is no status of a run or a job. */
export function Sign({
  of: [tone, glyph],
  children,
}: {
  readonly of: readonly [Tone, GlyphName, ...unknown[]]
  readonly children: ComponentChildren
}) {
  return (
    <span class="status" data-tone={tone}>
      <Glyph name={glyph} />
      {children}
    </span>
  )
}

type Props = {
  readonly of: RunStatus | Job['status']
  readonly big?: boolean
  readonly reason?: Run['reason']
}

export function Status({ of, big, reason }: Props) {
  return (
    <span
      class={big === true ? 'status big' : 'status'}
      data-tone={TONES[of]}
      title={reason === undefined || reason === null ? undefined : REASON_WORDS[reason]}
    >
      <Glyph name={of as GlyphName} turning={of === 'running'} />
      {of}
      {reason !== undefined && reason !== null && <span class="small">({reason})</span>}
    </span>
  )
}
