// On to the next page and back to the first; where one is stands in the address. Beside it what takes the page away.

import type { ComponentChildren } from 'preact'
import type { Address } from '../state/use-address.ts'
import { Glyph } from './glyph.tsx'

type Props = {
  readonly address: Address
  readonly next: string | null
  readonly shown: number
  /** Stands between the two. */
  readonly children?: ComponentChildren
}

export function Pager({ address, next, shown, children }: Props) {
  const cursor = address.get('cursor')
  if (cursor === null && next === null) return <div class="row">{children}</div>
  return (
    <div class="row spread">
      <button type="button" class="button small" disabled={cursor === null} onClick={() => history.back()}>
        <Glyph name="back" />
        Back
      </button>
      <span class="row">
        <span class="soft small">{shown} on this page</span>
        {children}
      </span>
      <button
        type="button"
        class="button small"
        disabled={next === null}
        onClick={() => address.set({ cursor: next })}
      >
        Next
        <Glyph name="next" />
      </button>
    </div>
  )
}
