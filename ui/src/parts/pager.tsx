// On to the next page and back to the first; where one is stands in the address.

import type { Address } from '../state/use-address.ts'
import { Glyph } from './glyph.tsx'

type Props = { readonly address: Address; readonly next: string | null; readonly shown: number }

export function Pager({ address, next, shown }: Props) {
  const cursor = address.get('cursor')
  if (cursor === null && next === null) return null
  return (
    <div class="row spread">
      <button type="button" class="button small" disabled={cursor === null} onClick={() => history.back()}>
        <Glyph name="back" />
        Back
      </button>
      <span class="soft small">{shown} on this page</span>
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
