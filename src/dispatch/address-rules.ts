// What the operator allows: names and address ranges, read once at the start. A word that is neither is refused
// there, because a rule that silently matches nothing is worse than none.

import { isIP } from 'node:net'
import { classify, embedded } from './address-class.ts'
import { type IpBytes, IpRange, unmapped } from './ip-address.ts'

export type AddressPolicy = {
  /** Loopback and private networks may be called; link-local and metadata services still may not. */
  readonly allowPrivate: boolean
  /** Host names ("intranet.example", "*.corp.example"), addresses, ranges ("10.0.0.0/8"). */
  readonly allow: readonly string[]
  /** The same; stronger than allow. */
  readonly deny: readonly string[]
}

export class AddressRules {
  readonly #allowPrivate: boolean
  readonly #allow: RuleList
  readonly #deny: RuleList

  constructor(policy: AddressPolicy) {
    this.#allowPrivate = policy.allowPrivate
    this.#allow = new RuleList(policy.allow)
    this.#deny = new RuleList(policy.deny)
  }

  deniesName(name: string): boolean {
    return this.#deny.hasName(name)
  }

  allowsName(name: string): boolean {
    return this.#allow.hasName(name)
  }

  /** `trusted`: its name is on the allow list. */
  admits(address: IpBytes, trusted: boolean): boolean {
    const bytes = unmapped(address)
    // A denied range is denied through every tunnel; an allowed one is allowed only by its own address.
    if (this.#deny.hasAddress(bytes) || embedded(bytes).some((inner) => this.#deny.hasAddress(inner))) {
      return false
    }
    if (trusted || this.#allow.hasAddress(bytes)) return true
    const kind = classify(bytes)
    return kind === 'global' || (kind === 'private' && this.#allowPrivate)
  }
}

class RuleList {
  readonly #ranges: IpRange[] = []
  readonly #names = new Set<string>()
  readonly #suffixes: string[] = []

  constructor(rules: readonly string[]) {
    for (const rule of rules) this.#add(rule.trim().toLowerCase())
  }

  hasAddress(bytes: IpBytes): boolean {
    return this.#ranges.some((range) => range.contains(bytes))
  }

  hasName(name: string): boolean {
    return this.#names.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix))
  }

  #add(rule: string): void {
    const bare = rule.startsWith('[') && rule.endsWith(']') ? rule.slice(1, -1) : rule
    const range = IpRange.parse(bare)
    if (range !== null) this.#ranges.push(range)
    else if (/^\*\.[a-z0-9._-]+$/.test(rule)) this.#suffixes.push(rule.slice(1))
    else if (/^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/.test(rule) && isIP(rule) === 0 && !/^[\d.]+$/.test(rule)) {
      this.#names.add(rule)
    } else {
      throw new Error(
        `"${rule}" is not a host name, an address or a range; write for example intranet.example, 10.1.2.3 or 10.0.0.0/8`,
      )
    }
  }
}
