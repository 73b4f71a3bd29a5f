// One address in every writing that a url parser takes for it, and inside every IPv6 address that carries it.

export type Kind = 'private' | 'guarded' | 'special'

/** Where an IPv4 address may hide, and what the place itself is: the worse of the two counts. */
type Carrier = {
  readonly of: (address: string, hex: Hex) => string
  readonly kind: Kind | null
}
type Hex = { readonly high: string; readonly low: string; readonly bytes: readonly string[] }

const CARRIERS: readonly Carrier[] = [
  // IPv4-mapped is the address itself, in another writing.
  { of: (address) => `::ffff:${address}`, kind: null },
  { of: (_, { high, low }) => `::ffff:${high}:${low}`, kind: null },
  { of: (_, { high, low }) => `0:0:0:0:0:FFFF:${high.toUpperCase()}:${low.toUpperCase()}`, kind: null },
  { of: (address) => `0000:0000:0000:0000:0000:ffff:${address}`, kind: null },
  // NAT64, the well-known prefix and the local one in each of its layouts.
  { of: (address) => `64:ff9b::${address}`, kind: null },
  { of: (_, { high, low }) => `64:ff9b::${high}:${low}`, kind: null },
  { of: (_, { high, low }) => `0064:ff9b:0:0:0:0:${high}:${low}`, kind: null },
  { of: (_, { bytes: [a, b, c, d] }) => `64:ff9b:1:${a}${b}:${c}:${d}00::`, kind: 'special' },
  { of: (_, { bytes: [a, b, c, d] }) => `64:ff9b:1:${a}:${b}:${c}${d}::`, kind: 'special' },
  { of: (_, { bytes: [a, b, c, d] }) => `64:ff9b:1:0:${a}:${b}${c}:${d}00:0`, kind: 'special' },
  { of: (address) => `64:ff9b:1::${address}`, kind: 'special' },
  { of: (_, { high, low }) => `64:ff9b:1:ffff::${high}:${low}`, kind: 'special' },
  // 6to4, Teredo (the server, and the client with its bits turned), SIIT, IPv4-compatible.
  { of: (_, { high, low }) => `2002:${high}:${low}::`, kind: 'special' },
  { of: (_, { high, low }) => `2002:${high}:${low}:1:2:3:4:5`, kind: 'special' },
  { of: (_, { high, low }) => `2001:0:${high}:${low}::1`, kind: 'special' },
  { of: (_, { high, low }) => `2001:0:4136:e378:8000:63bf:${turned(high)}:${turned(low)}`, kind: 'special' },
  { of: (_, { high, low }) => `::ffff:0:${high}:${low}`, kind: 'special' },
  { of: (_, { high, low }) => `::${high}:${low}`, kind: 'special' },
  // ISATAP behind an address of the internet.
  { of: (address) => `2a00:1450:4001::5efe:${address}`, kind: null },
  { of: (_, { high, low }) => `2a00:1450:4001::200:5efe:${high}:${low}`, kind: null },
]

const CIRCLED = '⓪①②③④⑤⑥⑦⑧⑨'
const WIDE = '０１２３４５６７８９'
const DOUBLE = [...'𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡']
const BOLD = [...'𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗']

export function spellings(address: string, kind: Kind): (readonly [host: string, kind: Kind])[] {
  const bytes = address.split('.').map(Number)
  const [a, b, c, d] = bytes as [number, number, number, number]
  const whole = ((a * 256 + b) * 256 + c) * 256 + d
  const digits = (map: ArrayLike<string>): string => address.replace(/\d/g, (digit) => map[Number(digit)]!)
  const plain = [
    address,
    `${address}.`,
    String(whole),
    `${whole}.`,
    `0x${whole.toString(16)}`,
    `0X${whole.toString(16).toUpperCase().padStart(8, '0')}`,
    `0x00000000000${whole.toString(16)}`,
    `0${whole.toString(8)}`,
    `00000${whole.toString(8)}`,
    bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
    bytes.map((byte) => `0x0000${byte.toString(16)}`).join('.'),
    bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
    bytes.map((byte) => `0000${byte.toString(8)}`).join('.'),
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `0x${a.toString(16)}.0${b.toString(8)}.${c}.0x${d.toString(16)}`,
    `${a}.0x${(b * 65_536 + c * 256 + d).toString(16)}`,
    address.replaceAll('.', '。'),
    address.replaceAll('.', '．'),
    address.replaceAll('.', '｡'),
    address.replaceAll('.', '%2e'),
    address.replace(/\d/g, (digit) => `%3${digit}`),
    digits(CIRCLED),
    digits(WIDE),
    digits(DOUBLE),
    digits(BOLD),
    `${address[0]}\u00ad${address.slice(1)}`,
    `${address[0]}\u200b${address.slice(1)}`,
  ]
  const hex: Hex = {
    high: (a * 256 + b).toString(16),
    low: (c * 256 + d).toString(16),
    bytes: bytes.map((byte) => byte.toString(16).padStart(2, '0')),
  }
  return [
    ...plain.map((host) => [host, kind] as const),
    ...CARRIERS.map((carrier) => [`[${carrier.of(address, hex)}]`, worse(kind, carrier.kind)] as const),
  ]
}

function turned(hex: string): string {
  return (Number.parseInt(hex, 16) ^ 0xffff).toString(16)
}

function worse(kind: Kind, other: Kind | null): Kind {
  return kind === 'guarded' || other === null ? kind : other
}
