// Reads TypeScript just far enough for the rules: what is code, what is comment or text, what is imported.

/** What stands before a slash that begins a regular expression, not a division. `x!` asserts, `!x` negates. */
const BEFORE_REGEX =
  /(?:^|[=([{},;:&|?+\-*%~^<>]|(?:^|[^\w$\])])!)$|\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield)$/

/** The same text, same length and lines, with comments gone and the insides of strings and patterns blank. */
export function blank(text: string): string {
  const out = text.split('')
  const wipe = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) if (out[at] !== '\n') out[at] = ' '
  }
  // For every template that is open: how many braces deep the code inside its ${ } is.
  const templates: number[] = []
  let at = 0
  const template = (from: number): number => {
    const { end, opens } = templateEnd(text, from)
    wipe(from, opens ? end - 2 : end - 1)
    if (opens) templates.push(0)
    return end
  }
  while (at < text.length) {
    const char = text[at]
    const two = text.slice(at, at + 2)
    if (two === '//' || (at === 0 && two === '#!')) {
      const end = lineEnd(text, at)
      wipe(at, end)
      at = end
    } else if (two === '/*') {
      const found = text.indexOf('*/', at + 2)
      const end = found === -1 ? text.length : found + 2
      wipe(at, end)
      at = end
    } else if (char === "'" || char === '"') {
      const end = quoteEnd(text, at)
      wipe(at + 1, end - 1)
      at = end
    } else if (char === '`') {
      at = template(at + 1)
    } else if (char === '/' && beginsRegex(out, at)) {
      const end = regexEnd(text, at)
      wipe(at + 1, end - 1)
      at = end
    } else {
      if (templates.length > 0 && char === '{') templates[templates.length - 1]! += 1
      if (templates.length > 0 && char === '}') {
        if (templates.at(-1) === 0) {
          templates.pop()
          at = template(at + 1)
          continue
        }
        templates[templates.length - 1]! -= 1
      }
      at += 1
    }
  }
  return out.join('')
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function quoteEnd(text: string, from: number): number {
  const quote = text[from]
  let at = from + 1
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return Math.min(at + 1, text.length)
}

/** The end of the text part: behind the closing backtick, or behind the `${` that opens code. */
function templateEnd(text: string, from: number): { end: number; opens: boolean } {
  let at = from
  while (at < text.length) {
    if (text[at] === '`') return { end: at + 1, opens: false }
    if (text[at] === '$' && text[at + 1] === '{') return { end: at + 2, opens: true }
    at += text[at] === '\\' ? 2 : 1
  }
  return { end: text.length, opens: false }
}

function beginsRegex(out: readonly string[], at: number): boolean {
  return BEFORE_REGEX.test(
    out
      .slice(Math.max(0, at - 200), at)
      .join('')
      .trimEnd(),
  )
}

function regexEnd(text: string, from: number): number {
  let inClass = false
  let at = from + 1
  while (at < text.length && text[at] !== '\n') {
    if (text[at] === '\\') at += 1
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) return at + 1
    at += 1
  }
  return at
}

export type Import = {
  readonly specifier: string
  readonly offset: number
  /** Gone once types are stripped. */
  readonly typeOnly: boolean
}

const STATIC = /\b(?:import|export)\s+(type\s+)?([\w\s{},*$]*?)\s*\bfrom\s*(["'])/g
const BARE = /\bimport\s*(?:\(\s*)?(["'])/g

export function importsOf(text: string, code: string = blank(text)): Import[] {
  const found: Import[] = []
  for (const match of code.matchAll(STATIC)) {
    const typeOnly = match[1] !== undefined || onlyTypes(match[2]!)
    found.push({ specifier: quoted(text, match), offset: match.index, typeOnly })
  }
  for (const match of code.matchAll(BARE)) {
    found.push({ specifier: quoted(text, match), offset: match.index, typeOnly: false })
  }
  return found.sort((a, b) => a.offset - b.offset)
}

function onlyTypes(clause: string): boolean {
  const braces = /^\{([^}]*)\}$/.exec(clause.trim())
  const names = (braces?.[1] ?? '').split(',').map((name) => name.trim())
  const given = names.filter((name) => name !== '')
  return given.length > 0 && given.every((name) => name.startsWith('type '))
}

function quoted(text: string, match: RegExpMatchArray & { index: number }): string {
  const open = match.index + match[0].length - 1
  return text.slice(open + 1, text.indexOf(text[open]!, open + 1))
}
