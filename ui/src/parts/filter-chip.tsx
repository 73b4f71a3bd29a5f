// A filter that came by a link and has no field of its own: it says what it is, and can be taken off.

import type { Address } from '../state/use-address.ts'

type Props = {
  readonly address: Address
  readonly name: string
  /** What is shown without it. */
  readonly words: string
  /** Where what stands in the address is an id. */
  readonly shown?: string | undefined
}

export function FilterChip({ address, name, words, shown }: Props) {
  const value = address.get(name)
  if (value === null) return null
  return (
    <span class="chip">
      {name}: {shown ?? value}
      <button
        type="button"
        aria-label={`Show those ${words}`}
        onClick={() => address.set({ [name]: null, cursor: null })}
      >
        ✕
      </button>
    </span>
  )
}
