// Takes secrets out of what is kept and shown: as they are, and as they look in base64, in an address, in JSON and in hex.

export const MASK = '***'
/** Shorter pieces say nothing, and are in everything. */
const PIECE_MIN = 8

export class Masker {
  /** Longest first, so that no part of one is left beside the mask of a shorter one. */
  readonly #needles: readonly string[]

  constructor(secrets: Iterable<string>) {
    const all = new Set([...secrets].flatMap(formsOf))
    this.#needles = [...all].filter(({ length }) => length >= PIECE_MIN).sort((a, b) => b.length - a.length)
  }

  text(text: string): string {
    let masked = text
    for (const needle of this.#needles) if (masked.includes(needle)) masked = masked.replaceAll(needle, MASK)
    return masked
  }

  /** Of a text that was cut: its end may be the beginning of a secret. */
  cutText(text: string): string {
    const masked = this.text(text)
    const held = this.#beginning(masked)
    return held < PIECE_MIN / 2 ? masked : masked.slice(0, masked.length - held) + MASK
  }

  /** Every text in it, names of members included. */
  value<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T
    if (Array.isArray(value)) return value.map((item) => this.value(item)) as T
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.text(key), this.value(item)]),
    ) as T
  }

  /** For bytes that come in parts: a secret may lie across two of them. */
  stream(): MaskedStream {
    return new MaskedStream(this.#needles.map((needle) => Buffer.from(needle).toString('latin1')))
  }

  #beginning(text: string): number {
    return longestBeginning(text, this.#needles)
  }
}

export class MaskedStream {
  readonly #needles: readonly string[]
  #held = ''

  constructor(needles: readonly string[]) {
    this.#needles = needles
  }

  /** What can be shown by now. What may yet become a secret is held back. */
  add(part: Uint8Array): Buffer {
    let text = this.#held + Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1')
    for (const needle of this.#needles) if (text.includes(needle)) text = text.replaceAll(needle, MASK)
    const held = longestBeginning(text, this.#needles)
    this.#held = text.slice(text.length - held)
    return Buffer.from(text.slice(0, text.length - held), 'latin1')
  }

  /** No more comes: what was held back is no secret. */
  end(): Buffer {
    const rest = Buffer.from(this.#held, 'latin1')
    this.#held = ''
    return rest
  }
}

/** Length of the longest end of a text that is a beginning of a needle, but not all of it. */
function longestBeginning(text: string, needles: readonly string[]): number {
  let longest = 0
  for (const needle of needles) {
    const first = needle.slice(0, 1)
    let at = text.indexOf(first, Math.max(0, text.length - needle.length + 1))
    while (at >= 0 && text.length - at > longest) {
      if (needle.startsWith(text.slice(at))) longest = text.length - at
      at = text.indexOf(first, at + 1)
    }
  }
  return longest
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const lines = secret.split(/\r?\n/).filter((line) => line.trim().length >= PIECE_MIN)
  return [
    secret,
    ...lines,
    ...lines.map((line) => line.trim()),
    ...jsonForms(secret),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...[0, 1, 2].flatMap((before) => base64Within(bytes, before)),
  ]
}

/** In JSON, in JSON within JSON, and once more; also as those write it who keep to ASCII. */
function jsonForms(secret: string): string[] {
  const forms: string[] = []
  let [plain, ascii] = [secret, secret]
  for (let level = 0; level < 3; level += 1) {
    plain = JSON.stringify(plain).slice(1, -1)
    ascii = JSON.stringify(ascii)
      .slice(1, -1)
      .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    forms.push(plain, ascii)
  }
  return forms
}

/** As it looks in the base64 of something longer, which it begins `before` bytes into a group of three. */
function base64Within(bytes: Buffer, before: number): string[] {
  const padded = Buffer.concat([Buffer.alloc(before), bytes])
  const whole = padded.subarray(0, padded.length - (padded.length % 3)).toString('base64')
  const inner = whole.slice(before === 0 ? 0 : 4)
  return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
}
