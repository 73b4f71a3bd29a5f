// How many columns of a terminal a text takes.

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that styleText writes
const STYLE = /\u001b\[[\d;]*m/g
const NOTHING = /^[\p{Mn}\p{Me}\p{Cf}]+$/u
const WIDE =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f1e6}-\u{1f1ff}]|[\u{20000}-\u{3fffd}]/u
const NARROW_PICTURE = /^[\u00a9\u00ae\u2122\u2139\u2190-\u23ff\u2600-\u27bf]$/u

export function textWidth(text: string): number {
  const plain = text.replace(STYLE, '')
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length
  let width = 0
  for (const { segment } of segmenter.segment(plain)) width += widthOf(segment)
  return width
}

function widthOf(grapheme: string): number {
  if (NOTHING.test(grapheme)) return 0
  return WIDE.test(grapheme) && !NARROW_PICTURE.test(grapheme) ? 2 : 1
}

/** Cut to `width` columns, with an ellipsis where something is missing. The text has no styles. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let cut = ''
  let used = 0
  for (const { segment } of segmenter.segment(text)) {
    used += widthOf(segment)
    if (used > width - 1) break
    cut += segment
  }
  return `${cut}…`
}
