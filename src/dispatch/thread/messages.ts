// What the two sides of the thread say to each other. Many orders, and many outcomes, are one message of text: a message
// costs more than what is in it, and text is the cheapest to hand over.

import type { ToldOutcomes } from './told-outcome.ts'
import type { WorkOrder } from './work-order.ts'

/** `number`: by which the outcomes come back. */
export type Order = readonly [number: number, together: boolean, ...works: WorkOrder[]]
export type Answer = readonly [number: number, ...outcomes: ToldOutcomes]

export type ToThread =
  | { readonly kind: 'orders'; readonly text: string }
  | { readonly kind: 'cancel'; readonly number: number }
  | { readonly kind: 'close' }

/** Gathers what is to be said, up to a size, and hands it over as one text. */
export class Parcel<Item extends Order | Answer> {
  readonly #send: (text: string) => void
  #text = ''

  constructor(send: (text: string) => void) {
    this.#send = send
  }

  get empty(): boolean {
    return this.#text === ''
  }

  add(item: Item): void {
    this.#text += this.#text === '' ? `[${JSON.stringify(item)}` : `,${JSON.stringify(item)}`
    if (this.#text.length > PARCEL_CHARS_MAX) this.flush()
  }

  /** What was added is not to be sent any more. */
  drop(): void {
    this.#text = ''
  }

  flush(): void {
    if (this.#text === '') return
    const text = `${this.#text}]`
    this.#text = ''
    this.#send(text)
  }
}

/** A thousand bodies of a megabyte are not to become one text. */
const PARCEL_CHARS_MAX = 1_048_576
