// Takes secrets out of what is kept and shown: as they are, and as they look in base64, in an address, in JSON and in hex;
// in base64 and hex also where the text was wrapped.

import type { Dispatched, ResponseRecord } from './outcome.ts'

export const MASK = '***'
/** Bytes. Shorter pieces say nothing, and are in everything. */
const PIECE_MIN = 8

/** Longest first, so that no part of one is left beside the mask of a shorter one. */
type Needles = {
  readonly plain: readonly string[]
  /** Found whatever line breaks stand in them. */
  readonly encoded: readonly string[]
}

export class Masker {
  readonly #needles: Needles

  constructor(secrets: Iterable<string>) {
    const all = [...secrets]
    this.#needles = {
      plain: needlesOf(all.flatMap(plainForms)),
      encoded: needlesOf(all.flatMap(encodedForms)),
    }
  }

  text(text: string): string {
    return masked(text, this.#needles)
  }

  /** Of a text that was cut: its end may be the beginning of a secret. */
  cutText(text: string): string {
    const shown = this.text(text)
    const end = shown.length - beginningIn(shown, this.#needles)
    return Buffer.byteLength(shown.slice(end)) < PIECE_MIN / 2 ? shown : shown.slice(0, end) + MASK
  }

  /** What came from outside. Its kind and its members are our words, whatever secrets there are. */
  outcome(outcome: Dispatched): Dispatched {
    const { message, response, process } = outcome as Partial<Extract<Dispatched, { kind: 'error' }>>
    return {
      ...outcome,
      ...(message === undefined ? {} : { message: this.text(message) }),
      ...(response === undefined ? {} : { response: this.#response(response) }),
      ...(process === undefined ? {} : { process: { ...process, output: this.text(process.output) } }),
    } as Dispatched
  }

  #response(response: ResponseRecord): ResponseRecord {
    const headers = Object.entries(response.headers).map(([name, value]) => [
      this.text(name),
      this.text(value),
    ])
    const body = response.truncated ? this.cutText(response.body) : this.text(response.body)
    return { ...response, headers: Object.fromEntries(headers), body }
  }

  /** For bytes that come in parts: a secret may lie across two of them. */
  stream(): MaskedStream {
    const { plain, encoded } = this.#needles
    return new MaskedStream({ plain: plain.map((needle) => Buffer.from(needle).toString('latin1')), encoded })
  }
}

export class MaskedStream {
  readonly #needles: Needles
  #held = ''

  constructor(needles: Needles) {
    this.#needles = needles
  }

  /** What can be shown by now. What may yet become a secret is held back. */
  add(part: Uint8Array): Buffer {
    const more = Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1')
    const text = masked(this.#held + more, this.#needles)
    const end = text.length - beginningIn(text, this.#needles)
    this.#held = text.slice(end)
    return Buffer.from(text.slice(0, end), 'latin1')
  }

  /** No more comes: what was held back is no secret. */
  end(): Buffer {
    const rest = Buffer.from(this.#held, 'latin1')
    this.#held = ''
    return rest
  }
}

function needlesOf(forms: readonly string[]): string[] {
  const needles = [...new Set(forms)].filter((form) => Buffer.byteLength(form) >= PIECE_MIN)
  return needles.sort((a, b) => b.length - a.length)
}

function masked(text: string, { plain, encoded }: Needles): string {
  let shown = text
  for (const needle of plain) if (shown.includes(needle)) shown = shown.replaceAll(needle, MASK)
  const flat = new Unwrapped(shown, WRAPPED)
  const found = mergedSpans(encoded.flatMap((needle) => spansOf(needle, flat.text)))
  if (found.length === 0) return shown
  let [clean, end] = ['', 0]
  for (const [from, to] of found) {
    clean += shown.slice(end, flat.place(from)) + MASK
    end = flat.place(to - 1) + 1
  }
  return clean + shown.slice(end)
}

/** Length of the end of a text that may yet become a secret. */
function beginningIn(text: string, { plain, encoded }: Needles): number {
  const flat = new Unwrapped(text, WRAPPED_SO_FAR)
  const begun = longestBeginning(flat.text, encoded)
  const wrapped = begun === 0 ? 0 : text.length - flat.place(flat.text.length - begun)
  return Math.max(longestBeginning(text, plain), wrapped)
}

/** A line break between two characters of base64, perhaps written with backslashes, perhaps with the next line set in. */
const WRAPPED = /(?:\r?\n|(?:\\{1,8}r)?\\{1,8}n)[ \t]{0,16}(?=[A-Za-z0-9+/=_-])/g
/** The same, and one that has only begun. */
const WRAPPED_SO_FAR = new RegExp(
  String.raw`${WRAPPED.source.replace('(?=[', '(?=$|[')}|(?:\r|\\{1,8}r?|\\{1,8}r\\{1,8})$`,
  'g',
)

/** A text without its wrapping. */
class Unwrapped {
  readonly text: string
  readonly #breaks: readonly RegExpExecArray[]
  #passed = 0
  #removed = 0

  constructor(text: string, wrapping: RegExp) {
    this.#breaks = [...text.matchAll(wrapping)]
    this.text = this.#breaks.length === 0 ? text : text.replaceAll(wrapping, '')
  }

  /** Where a character of it stood. Asked in ascending order. */
  place(index: number): number {
    for (;;) {
      const next = this.#breaks[this.#passed]
      if (next === undefined || next.index - this.#removed > index) return index + this.#removed
      this.#removed += next[0].length
      this.#passed += 1
    }
  }
}

type Span = readonly [from: number, to: number]

function spansOf(needle: string, text: string): Span[] {
  const spans: Span[] = []
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
    spans.push([at, at + needle.length])
  }
  return spans
}

function mergedSpans(spans: Span[]): Span[] {
  const merged: Span[] = []
  for (const [from, to] of spans.sort(([a], [b]) => a - b)) {
    const [start, end] = merged.at(-1) ?? [0, 0]
    if (from >= end) merged.push([from, to])
    else merged[merged.length - 1] = [start, Math.max(end, to)]
  }
  return merged
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

function plainForms(secret: string): string[] {
  const lines = secret.split(/\r?\n/)
  return [
    secret,
    ...lines,
    ...lines.map((line) => line.trim()),
    ...jsonForms(secret),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams([['', secret]]).toString().slice(1),
  ]
}

function encodedForms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
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
