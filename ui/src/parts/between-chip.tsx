// From when to when, where it stands in the address; can be taken off.

import type { Address } from '../state/use-address.ts'
import { TimeText } from '../time/time-text.tsx'

export function BetweenChip({ address, words }: { readonly address: Address; readonly words: string }) {
  const from = address.get('from')
  const to = address.get('to')
  if (from === null && to === null) return null
  return (
    <span class="chip">
      {from !== null && (
        <>
          from <TimeText at={from} />
        </>
      )}{' '}
      {to !== null && (
        <>
          to <TimeText at={to} />
        </>
      )}
      <button
        type="button"
        aria-label={words}
        onClick={() => address.set({ from: null, to: null, cursor: null })}
      >
        ✕
      </button>
    </span>
  )
}
