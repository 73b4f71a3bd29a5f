// The guard of each project: the server's own rules and those of the project together. One guard for each set of rules, made
// when it is first needed.

import { RecentlyUsed } from '../domain/recently-used.ts'
import { rulesNothing, type TargetRules } from '../domain/target-rules.ts'
import { type AddressGuard, createAddressGuard } from './address-guard.ts'
import { type AddressPolicy, AddressRules } from './address-rules.ts'
import type { Lookup } from './shared-lookup.ts'

const GUARDS_KEPT_MAX = 1_000

export class ProjectGuards {
  /** For whoever has no rules of its own. */
  readonly plain: AddressGuard
  readonly #policy: AddressPolicy
  readonly #lookup: Lookup | undefined
  readonly #guards = new RecentlyUsed<string, AddressGuard>(GUARDS_KEPT_MAX)

  constructor(policy: AddressPolicy, lookup?: Lookup) {
    this.plain = createAddressGuard(policy, lookup)
    this.#policy = policy
    this.#lookup = lookup
  }

  of(rules: TargetRules | undefined): AddressGuard {
    if (rules === undefined || rulesNothing(rules)) return this.plain
    const { policy = 'public', allow = [], deny = [] } = rules
    const key = JSON.stringify([policy, allow, deny])
    const known = this.#guards.get(key)
    if (known !== undefined) return known
    const both = {
      allowPrivate: this.#policy.allowPrivate,
      allow: [...this.#policy.allow, ...allow],
      deny: [...this.#policy.deny, ...deny],
      ...(policy === 'listed' ? { only: allow } : {}),
      key,
    }
    const guard = createAddressGuard(both, this.#lookup)
    this.#guards.set(key, guard)
    return guard
  }

  /** May a request go there, as far as the text of the url tells? */
  mayCall(url: string, rules?: TargetRules): boolean {
    return this.of(rules).checkUrl(url)
  }
}

/** What is wrong with a name or a range in a list of rules; null: nothing. */
export function refusalOfRule(rule: string): string | null {
  try {
    new AddressRules({ allowPrivate: false, allow: [rule], deny: [] })
    return null
  } catch (error) {
    return (error as Error).message
  }
}
