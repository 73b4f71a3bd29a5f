// Decides whom outgoing requests may reach, so that a job cannot be used to look into the network it runs in.
// Judged three times: the host as written, every answer of the name service, and the peer that was reached.

import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { type AddressPolicy, AddressRules } from './address-rules.ts'
import { TargetForbidden } from './failures.ts'
import { parseIp } from './ip-address.ts'
import { type Lookup, type ResolvedAddress, SharedLookup } from './shared-lookup.ts'

export type { AddressPolicy } from './address-rules.ts'

/** `resolve`: a name; only its addresses can tell. */
export type HostJudgement = 'allowed' | 'forbidden' | 'resolve'

export type AddressGuard = {
  /** Connections opened under one guard are not used under another with a different key. */
  readonly key: string
  /** For the moment a job is written: false when the address is forbidden whatever the name service says. */
  checkUrl(url: string): boolean
  judgeHost(hostname: string): HostJudgement
  /** The only way to turn a name into addresses: all are checked, and the connection goes to one of these. */
  readonly lookup: LookupFunction
  admitsPeer(hostname: string, address: string | undefined): boolean
}

const LOCAL_NAMES = /^(localhost|.*\.localhost|localhost\.localdomain|ip6-localhost|ip6-loopback)$/
const METADATA_NAMES = new Set(['metadata.google.internal', 'instance-data', 'instance-data.ec2.internal'])

export function createAddressGuard(policy: AddressPolicy, lookup: Lookup = systemLookup): AddressGuard {
  const rules = new AddressRules(policy)
  const names = new SharedLookup(lookup)

  function judgeHost(hostname: string): HostJudgement {
    const name = plainHost(hostname)
    const literal = parseIp(name)
    if (literal !== null) return rules.admits(literal, null) ? 'allowed' : 'forbidden'
    if (rules.deniesName(name) || !rules.mayBeListed(name)) return 'forbidden'
    if (rules.allowsName(name)) return 'resolve'
    if (METADATA_NAMES.has(name)) return 'forbidden'
    if (LOCAL_NAMES.test(name) && !admitsLoopback(rules)) return 'forbidden'
    return 'resolve'
  }

  function admits(hostname: string, address: string): boolean {
    const bytes = parseIp(address)
    if (bytes === null) return false
    const name = plainHost(hostname)
    return rules.admits(bytes, parseIp(name) === null ? name : null)
  }

  return {
    key: policy.key ?? '',
    judgeHost,
    checkUrl(url) {
      // What is no url at all is refused by the check of the target, with a better text.
      return !URL.canParse(url) || judgeHost(new URL(url).hostname) !== 'forbidden'
    },
    admitsPeer(hostname, address) {
      return address !== undefined && admits(hostname, address)
    },
    lookup(hostname, options, callback) {
      names.find(hostname, (error, addresses) => {
        if (error !== null) return callback(error, '', 0)
        // One forbidden answer spoils them all: nobody needs a name that is half inside.
        if (addresses.length === 0 || !addresses.every(({ address }) => admits(hostname, address))) {
          return callback(new TargetForbidden(), '', 0)
        }
        answer(addresses, options, callback)
      })
    },
  }
}

function answer(
  addresses: readonly ResolvedAddress[],
  options: Parameters<LookupFunction>[1],
  callback: Parameters<LookupFunction>[2],
): void {
  if (options.all === true) callback(null, [...addresses])
  else callback(null, addresses[0]!.address, addresses[0]!.family)
}

function admitsLoopback(rules: AddressRules): boolean {
  return rules.admits([127, 0, 0, 1], null) || rules.admits(parseIp('::1')!, null)
}

/** As the rules write it: no brackets, no dot at the end, lower case. */
function plainHost(hostname: string): string {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return (bare.endsWith('.') ? bare.slice(0, -1) : bare).toLowerCase()
}
