// Something to know: a warning, a failure, good news.

import type { ComponentChildren } from 'preact'
import { problemsOf, wrongText } from '../state/wrong.ts'
import { Glyph, type GlyphName } from './glyph.tsx'
import type { Tone } from './status.tsx'

const SIGNS: Readonly<Record<Tone, GlyphName>> = {
  ok: 'succeeded',
  bad: 'failed',
  warn: 'missed',
  busy: 'running',
  odd: 'unknown',
  calm: 'info',
}

type Props = {
  readonly tone: Tone
  readonly children: ComponentChildren
  readonly action?: ComponentChildren
}

export function Notice({ tone, children, action }: Props) {
  return (
    <div class="notice" data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Glyph name={SIGNS[tone]} />
      <div>{children}</div>
      {action}
    </div>
  )
}

/** What the server refused, with every single problem. */
export function Wrong({
  error,
  retry,
}: {
  readonly error: unknown
  readonly retry?: (() => void) | undefined
}) {
  if (error === null || error === undefined) return null
  const problems = problemsOf(error)
  return (
    <Notice
      tone="bad"
      action={
        retry !== undefined && (
          <button type="button" class="button small" onClick={retry}>
            Try again
          </button>
        )
      }
    >
      {problems.length === 0 && wrongText(error)}
      {problems.map(({ pointer, detail }) => (
        <p key={pointer + detail}>
          {pointer !== '' && <code>{pointer} </code>}
          {detail}
        </p>
      ))}
    </Notice>
  )
}
