// An IP address as bytes, 4 or 16 of them. Every question about an address is asked of the bytes: texts of the
// same address differ too much (::ffff:7f00:1 is 127.0.0.1).

import { isIPv4, isIPv6 } from 'node:net'

export type IpBytes = readonly number[]

/** null: not an address in the plain writing that the platform hands out. */
export function parseIp(text: string): IpBytes | null {
  if (isIPv4(text)) return text.split('.').map(Number)
  const zone = text.indexOf('%')
  const bare = zone < 0 ? text : text.slice(0, zone)
  return isIPv6(bare) ? parseIpv6(bare) : null
}

function parseIpv6(text: string): IpBytes {
  const [head = '', tail] = text.split('::')
  const front = groupBytes(head)
  if (tail === undefined) return front
  const back = groupBytes(tail)
  return [...front, ...new Array<number>(16 - front.length - back.length).fill(0), ...back]
}

function groupBytes(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

/** IPv4-mapped IPv6 is the IPv4 address itself, in another writing. */
export function unmapped(bytes: IpBytes): IpBytes {
  return bytes.length === 16 && MAPPED.contains(bytes) ? bytes.slice(12) : bytes
}

export class IpRange {
  readonly #base: IpBytes
  readonly #bits: number

  private constructor(base: IpBytes, bits: number) {
    this.#base = base
    this.#bits = bits
  }

  /** "10.0.0.0/8", "fd00::/8" or one address. null: neither. */
  static parse(text: string): IpRange | null {
    const slash = text.indexOf('/')
    const base = parseIp(slash < 0 ? text : text.slice(0, slash))
    if (base === null) return null
    const most = base.length * 8
    if (slash < 0) return new IpRange(base, most)
    const bitsText = text.slice(slash + 1)
    const bits = Number(bitsText)
    return /^\d{1,3}$/.test(bitsText) && bits <= most ? new IpRange(base, bits) : null
  }

  contains(bytes: IpBytes): boolean {
    if (bytes.length !== this.#base.length) return false
    const whole = this.#bits >> 3
    for (let index = 0; index < whole; index += 1) {
      if (bytes[index] !== this.#base[index]) return false
    }
    const rest = this.#bits & 7
    if (rest === 0) return true
    return (bytes[whole]! ^ this.#base[whole]!) >> (8 - rest) === 0
  }
}

/** For ranges written in this program. */
export function ranges(...texts: string[]): IpRange[] {
  return texts.map((text) => {
    const range = IpRange.parse(text)
    if (range === null) throw new Error(`not an address range: ${text}`)
    return range
  })
}

const MAPPED = ranges('::ffff:0:0/96')[0]!
