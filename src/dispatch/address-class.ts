// What kind of place an address is. Everything in the IANA special-purpose registries (and everything outside
// 2000::/3) is not the internet; an IPv6 address that carries an IPv4 address is judged by both.

import { type IpBytes, type IpRange, ranges, unmapped } from './ip-address.ts'

/**
 * global: the internet. private: this machine and the networks around it. guarded: link-local and the metadata
 * services of clouds, which hand out credentials. special: nothing that a job should ever call.
 */
export type AddressClass = 'global' | 'private' | 'guarded' | 'special'

const GUARDED = ranges(
  '169.254.0.0/16',
  '100.100.100.200', // Alibaba Cloud metadata
  '192.0.0.192', // Oracle Cloud metadata
  '168.63.129.16', // Azure host services
  'fe80::/10',
  'fd00:ec2::254', // AWS metadata
  'fd20:ce::254', // Google Cloud metadata
  'fd00:42::42', // Scaleway metadata
)

const PRIVATE = ranges(
  '0.0.0.0', // reaches this machine
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10', // carrier-grade NAT, used by overlay networks
  '198.18.0.0/15', // benchmarking, used by local proxies
  '::', // reaches this machine
  '::1',
  'fc00::/7',
  'fec0::/10',
)

const SPECIAL = ranges(
  '0.0.0.0/8',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays
  '192.175.48.0/24', // AS112
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '2001::/23', // IETF protocols: Teredo, ORCHID, benchmarking, AMT
  '2001:db8::/32',
  '2002::/16', // 6to4
  '2620:4f:8000::/48', // AS112
  '3fff::/20',
)

const GLOBAL_IPV6 = ranges('2000::/3')
const NAT64 = ranges('64:ff9b::/96')

/** Where an IPv4 address hides in an IPv6 address, and where its bytes lie. */
const EMBEDDINGS: readonly { readonly within: readonly IpRange[]; readonly at: readonly number[] }[] = [
  { within: NAT64, at: [12, 13, 14, 15] },
  // RFC 6052: a prefix of 48, 56, 64 or 96 bits; byte 8 is always left out.
  { within: ranges('64:ff9b:1::/48'), at: [6, 7, 9, 10] },
  { within: ranges('64:ff9b:1::/48'), at: [7, 9, 10, 11] },
  { within: ranges('64:ff9b:1::/48'), at: [9, 10, 11, 12] },
  { within: ranges('64:ff9b:1::/48'), at: [12, 13, 14, 15] },
  { within: ranges('2002::/16'), at: [2, 3, 4, 5] },
  { within: ranges('2001::/32'), at: [4, 5, 6, 7] }, // Teredo server
  { within: ranges('::/96'), at: [12, 13, 14, 15] },
  { within: ranges('::ffff:0:0:0/96'), at: [12, 13, 14, 15] }, // SIIT
]

const SEVERITY: readonly AddressClass[] = ['global', 'private', 'special', 'guarded']

export function classify(address: IpBytes): AddressClass {
  const bytes = unmapped(address)
  const own = classifyPlain(bytes)
  return embedded(bytes).map(classifyPlain).reduce(worse, own)
}

/** Every IPv4 address that an IPv6 address leads to. */
export function embedded(bytes: IpBytes): IpBytes[] {
  if (bytes.length !== 16 || isPlainZeroOrOne(bytes)) return []
  const found = EMBEDDINGS.filter(({ within }) => isIn(within, bytes)).map(({ at }) =>
    at.map((index) => bytes[index]!),
  )
  // Teredo hides the client's address with all bits turned.
  if (isIn(TEREDO, bytes)) found.push(bytes.slice(12).map((byte) => byte ^ 0xff))
  // ISATAP: any prefix, the interface part says 0000:5efe or 0200:5efe.
  if ((bytes[8]! & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe) {
    found.push(bytes.slice(12))
  }
  return found
}

const TEREDO = ranges('2001::/32')

function classifyPlain(bytes: IpBytes): AddressClass {
  if (isIn(GUARDED, bytes)) return 'guarded'
  if (isIn(PRIVATE, bytes)) return 'private'
  if (isIn(SPECIAL, bytes)) return 'special'
  if (bytes.length === 16 && !isIn(GLOBAL_IPV6, bytes) && !isIn(NAT64, bytes)) return 'special'
  return 'global'
}

function isPlainZeroOrOne(bytes: IpBytes): boolean {
  return bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15]! <= 1
}

function isIn(list: readonly IpRange[], bytes: IpBytes): boolean {
  return list.some((range) => range.contains(bytes))
}

function worse(one: AddressClass, other: AddressClass): AddressClass {
  return SEVERITY.indexOf(one) >= SEVERITY.indexOf(other) ? one : other
}
