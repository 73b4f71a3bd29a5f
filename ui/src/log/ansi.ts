// Terminal output as spans of text: colours and weights are kept, every other thing a terminal would obey is taken out.
// The text never becomes markup.

export type Span = { readonly text: string; readonly style: string }

type Look = {
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
  inverse: boolean
  ink: number | null
  ground: number | null
}

const PLAIN: Look = {
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  ink: null,
  ground: null,
}

/** A sequence that sets a look (CSI … m), any other CSI, an OSC or another string, a two-character escape; cut off or not. */
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /\u001b\[([\d;:]*)m|\u001b\[[0-?]*[ -/]*[@-~]?|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?|\u009b[0-?]*[ -/]*[@-~]?/g

/** Controls, and characters that turn the direction of the text around. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

export function spansOf(line: string): Span[] {
  if (!line.includes('\u001b') && !line.includes('\u009b')) return [{ text: clean(line), style: '' }]
  const spans: Span[] = []
  let look = PLAIN
  let from = 0
  const add = (text: string): void => {
    const cleaned = clean(text)
    if (cleaned !== '') spans.push({ text: cleaned, style: styleOf(look) })
  }
  for (const match of line.matchAll(SEQUENCE)) {
    add(line.slice(from, match.index))
    from = match.index + match[0].length
    if (match[1] !== undefined) look = changed(look, match[1])
  }
  add(line.slice(from))
  return spans
}

/** The text alone, for searching and copying. */
export function plainText(line: string): string {
  return clean(line.replace(SEQUENCE, ''))
}

function clean(text: string): string {
  // What stood before a carriage return was overwritten on a terminal.
  const shown = text.includes('\r') ? text.slice(text.replace(/\r+$/, '').lastIndexOf('\r') + 1) : text
  return shown.replace(HIDDEN, '')
}

function changed(before: Look, codes: string): Look {
  const look = { ...before }
  const list = codes === '' ? [0] : codes.split(/[;:]/).map(Number)
  for (let n = 0; n < list.length; n += 1) {
    const code = list[n] ?? 0
    if (code === 0) Object.assign(look, PLAIN)
    else if (code === 1) look.bold = true
    else if (code === 2) look.dim = true
    else if (code === 3) look.italic = true
    else if (code === 4) look.underline = true
    else if (code === 7) look.inverse = true
    else if (code === 22) Object.assign(look, { bold: false, dim: false })
    else if (code === 23) look.italic = false
    else if (code === 24) look.underline = false
    else if (code === 27) look.inverse = false
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(list.slice(n + 1))
      if (code === 38) look.ink = colour
      else look.ground = colour
      n += used
    } else if (code === 39) look.ink = null
    else if (code === 49) look.ground = null
    else if (code >= 30 && code <= 37) look.ink = code - 30
    else if (code >= 90 && code <= 97) look.ink = code - 82
    else if (code >= 40 && code <= 47) look.ground = code - 40
    else if (code >= 100 && code <= 107) look.ground = code - 92
  }
  return look
}

/** 256 colours and true colour, as the nearest of the sixteen that the themes know. */
function extended([kind, ...rest]: readonly number[]): [number | null, number] {
  if (kind === 5) return [nearest256(rest[0] ?? 0), 2]
  if (kind === 2) return [nearest(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0), 4]
  return [null, 1]
}

function nearest256(index: number): number {
  if (index < 16) return index
  if (index >= 232) return index < 238 ? 0 : index < 244 ? 8 : index < 250 ? 7 : 15
  const cube = index - 16
  const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40)
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6))
}

function nearest(red: number, green: number, blue: number): number {
  const bright = Math.max(red, green, blue) > 160 ? 8 : 0
  const cut = Math.max(red, green, blue) / 2
  const bits = (red > cut ? 1 : 0) + (green > cut ? 2 : 0) + (blue > cut ? 4 : 0)
  return bright + bits
}

function styleOf(look: Look): string {
  const [ink, ground] = look.inverse
    ? [look.ground ?? 'inverse', look.ink ?? 'inverse']
    : [look.ink, look.ground]
  return [
    look.bold && 'ansi-bold',
    look.dim && 'ansi-dim',
    look.italic && 'ansi-italic',
    look.underline && 'ansi-underline',
    ink !== null && `ansi-ink-${ink}`,
    ground !== null && `ansi-ground-${ground}`,
  ]
    .filter((word) => word !== false)
    .join(' ')
}
