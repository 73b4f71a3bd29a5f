// Asks the name service once for everybody who asks at the same moment: a hundred connections opened together
// would otherwise queue a hundred lookups on the platform's few threads. Nothing is remembered afterwards.

export type ResolvedAddress = { readonly address: string; readonly family: number }

export type LookupCallback = (error: NodeJS.ErrnoException | null, addresses: ResolvedAddress[]) => void

/** dns.lookup, as far as it is used here. */
export type Lookup = (
  hostname: string,
  options: { all: true; verbatim?: boolean },
  callback: LookupCallback,
) => void

export class SharedLookup {
  readonly #lookup: Lookup
  readonly #asked = new Map<string, LookupCallback[]>()

  constructor(lookup: Lookup) {
    this.#lookup = lookup
  }

  find(hostname: string, callback: LookupCallback): void {
    const others = this.#asked.get(hostname)
    if (others !== undefined) {
      others.push(callback)
      return
    }
    const callbacks = [callback]
    this.#asked.set(hostname, callbacks)
    this.#lookup(hostname, { all: true }, (error, addresses) => {
      this.#asked.delete(hostname)
      for (const each of callbacks) each(error, addresses ?? [])
    })
  }
}
