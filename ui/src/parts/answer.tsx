// What a question to the server became: nothing yet, a failure, or the answer — kept on the screen and said to be old
// while newer news cannot be had.

import type { ComponentChildren } from 'preact'
import { isMissing } from '../state/wrong.ts'
import { Glyph } from './glyph.tsx'
import { Wrong } from './notice.tsx'
import { Loading } from './panel.tsx'

export type Asked<T> = {
  readonly data: T | undefined
  readonly error: unknown
  readonly refetch: () => unknown
}

type Props<T> = { readonly of: Asked<T>; readonly children: (data: T) => ComponentChildren }

export function Answer<T>({ of, children }: Props<T>) {
  const { data, error, refetch } = of
  if (data === undefined) {
    if (isMissing(error)) return <Missing error={error} />
    return error === null ? <Loading /> : <Wrong error={error} retry={() => void refetch()} />
  }
  return (
    <>
      {error !== null && <Wrong error={error} retry={() => void refetch()} />}
      {children(data)}
    </>
  )
}

function Missing({ error }: { readonly error: unknown }) {
  return (
    <div class="empty">
      <Glyph name="search" />
      <p>{error instanceof Error ? error.message : 'There is nothing here.'}</p>
    </div>
  )
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="empty">
      <Glyph name="bell" />
      {children}
    </div>
  )
}
