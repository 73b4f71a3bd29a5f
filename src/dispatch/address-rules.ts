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
  /** Where it is given, nothing else may be called. */
  readonly only?: readonly string[]
  /** Tells guards apart whose connections must not be mixed. Default: that of all who have no rules of their own. */
  readonly key?: string
}

export class AddressRules {
  readonly #allowPrivate: boolean
  readonly #allow: RuleList
  readonly #deny: RuleList
  readonly #only: RuleList | null

  constructor(policy: AddressPolicy) {
    this.#allowPrivate = policy.allowPrivate
    this.#allow = new RuleList(policy.allow)
    this.#deny = new RuleList(policy.deny)
    this.#only = policy.only === undefined ? null : new RuleList(policy.only)
  }

  deniesName(name: string): boolean {
    return this.#deny.hasName(name)
  }

  allowsName(name: string): boolean {
    return this.#allow.hasName(name)
  }

  /** false: whatever its addresses are, it is none of those that may be called. */
  mayBeListed(name: string): boolean {
    return this.#only === null || this.#only.hasName(name) || this.#only.hasRanges
  }

  /** `name`: what it was found by; null: it was written as an address. */
  admits(address: IpBytes, name: string | null): boolean {
    const bytes = unmapped(address)
    const trusted = name !== null && this.allowsName(name)
    // A denied range is denied through every tunnel; an allowed one is allowed only by its own address.
    if (this.#deny.hasAddress(bytes) || embedded(bytes).some((inner) => this.#deny.hasAddress(inner))) {
      return false
    }
    if (this.#only !== null && !this.#lists(bytes, name)) return false
    if (trusted || this.#allow.hasAddress(bytes)) return true
    const kind = classify(bytes)
    return kind === 'global' || (kind === 'private' && this.#allowPrivate)
  }

  #lists(bytes: IpBytes, name: string | null): boolean {
    return (name !== null && this.#only!.hasName(name)) || this.#only!.hasAddress(bytes)
  }
}

class RuleList {
  readonly #ranges: IpRange[] = []
  readonly #names = new Set<string>()
  readonly #suffixes: string[] = []

  constructor(rules: readonly string[]) {
    for (const rule of rules) this.#add(rule.trim().toLowerCase())
  }

  get hasRanges(): boolean {
    return this.#ranges.length > 0
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
