// Who calls, when there is a proxy in front: what it says of them counts only where its own address is one of those that the
// operator has named. Whoever else sends these headers has written them himself.

import { BlockList, isIP } from 'node:net'

/** From where, and whether it came to us, or to the proxy, by TLS. */
export type Caller = { readonly address: string; readonly secure: boolean }

type Headers = Readonly<Record<string, string | string[] | undefined>>

export class TrustedProxies {
  readonly #blocks: BlockList

  /** Addresses and CIDR blocks. Throws for what is none. */
  constructor(texts: readonly string[]) {
    this.#blocks = blocksOf(texts)
  }

  callerOf(peer: string | undefined, headers: Headers): Caller {
    const first = addressIn(peer ?? '') ?? ''
    if (!this.#trusts(first)) return { address: first, secure: false }
    const secure = wordsOf(headers['x-forwarded-proto']).at(-1)?.toLowerCase() === 'https'
    let address = first
    // Each proxy adds on the right whom it was called by; what stands left of the first stranger is the stranger's word.
    for (const hop of wordsOf(headers['x-forwarded-for']).reverse()) {
      const next = addressIn(hop)
      if (next === null) break
      address = next
      if (!this.#trusts(next)) break
    }
    return { address, secure }
  }

  #trusts(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && this.#blocks.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/** Throws for what is no address such as 10.0.0.5, and no block such as 10.0.0.0/8. */
export function blocksOf(texts: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of texts) {
    const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
    const family = isIP(address)
    const bits = family === 6 ? 128 : 32
    if (family === 0 || Number(prefix ?? 0) > bits) {
      throw new Error(`"${text}" is no address such as 10.0.0.5, and no block such as 10.0.0.0/8.`)
    }
    list.addSubnet(address, Number(prefix ?? bits), family === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

function wordsOf(header: string | string[] | undefined): string[] {
  const text = Array.isArray(header) ? header.join() : (header ?? '')
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
/** Some proxies add the port they were called from: 192.0.2.7:4711, [2001:db8::7]:4711. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/

/** In one way of writing; null: it is none. */
function addressIn(text: string): string | null {
  const [, six, four] = WITH_PORT.exec(text) ?? []
  const [bare = ''] = (six ?? four ?? text).split('%', 1)
  const address = MAPPED.exec(bare)?.[1] ?? bare
  return isIP(address) === 0 ? null : address
}
