// Options that may stand several times, and lists in one word.

/** Collects `--header A --header B`. */
export function repeated(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}

/** "1s,5s, 30s". */
export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
