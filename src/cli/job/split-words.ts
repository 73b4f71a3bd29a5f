// A command line as words, quotes and backslashes read as a shell reads them, and nothing else: no variables, no
// patterns, no second command.

/** null: a quote is not closed, or a backslash ends the line. */
export function splitWords(line: string): string[] | null {
  const words: string[] = []
  const part = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(\s+)/gsy
  let word: string | null = null
  while (part.lastIndex < line.length) {
    const match = part.exec(line)
    if (match === null) return null
    const [, single, double, escaped, plain, space] = match
    if (space === undefined) {
      word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '')
    } else if (word !== null) {
      words.push(word)
      word = null
    }
  }
  return word === null ? words : [...words, word]
}
