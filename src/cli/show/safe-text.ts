// Text from elsewhere on its way to a terminal: what the terminal would obey or hide becomes visible.

const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** One line: line ends are made visible too. */
export function safeText(text: string): string {
  return text.replace(HIDDEN, escapeOf)
}

/** Several lines: line ends and tabs stay. */
export function safeLines(text: string): string {
  return text.replace(HIDDEN, (character) => (/[\n\t]/.test(character) ? character : escapeOf(character)))
}

/** JSON stays JSON: the same characters, written as escapes. */
export function safeJson(json: string): string {
  return json.replace(HIDDEN, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function escapeOf(character: string): string {
  const code = character.charCodeAt(0)
  return (
    SHORT[character] ??
    (code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`)
  )
}
