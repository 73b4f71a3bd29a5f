// The same text with chance at it: a piece cut out, said twice, moved, or made into something hostile.

import { VALUES } from './spoil.ts'

/** Of a long text only what stands around one place is touched, so that it costs the same for all. */
const PIECE_MAX = 40
const HOSTILE: readonly string[] = VALUES.map((value) => JSON.stringify(value)).filter(
  (text) => text.length < 400,
)

type Change = (before: string, piece: string, after: string, random: () => number) => string

const VALUE = /: ?(?:"[^"\\]*"|[-\d.e]+|true|false|null)/

const otherValue: Change = (before, piece, after, random) =>
  before + (piece + after).replace(VALUE, () => `:${HOSTILE[Math.floor(random() * HOSTILE.length)]}`)

const CHANGES: readonly Change[] = [
  (before, _, after) => before + after,
  (before, piece, after) => before + piece + piece + after,
  (before, piece, after) => before + after + piece,
  (before, _, after, random) => before + HOSTILE[Math.floor(random() * HOSTILE.length)] + after,
  (before, piece, after, random) =>
    before + String.fromCharCode(Math.floor(random() * 128)) + piece.slice(1) + after,
  // One value for another keeps the document whole, so that it gets past the reading. Twice as likely as each of the others.
  otherValue,
  otherValue,
]

export function garbled(text: string | undefined, random: () => number): string | undefined {
  if (text === undefined || text === '') return text
  const from = Math.floor(random() * text.length)
  const to = from + Math.floor(random() * PIECE_MAX)
  const change = CHANGES[Math.floor(random() * CHANGES.length)]!
  return change(text.slice(0, from), text.slice(from, to), text.slice(to), random)
}
