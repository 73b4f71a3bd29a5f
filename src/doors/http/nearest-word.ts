// The known word that a mistyped one was most likely meant to be.

/** Longer words are nobody's slip of the finger. */
const WORD_MAX = 64

/** null: nothing is near enough. */
export function nearestWord(word: string, known: readonly string[]): string | null {
  if (word.length === 0 || word.length > WORD_MAX) return null
  const typed = plain(word)
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(typed.length / 3)) + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance + 2) continue
    const distance = editDistance(typed, plain(candidate))
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** nextDueAt, next_due_at and next-due-at are the same word. */
function plain(word: string): string {
  return word.replace(/[-_.\s]/g, '').toLowerCase()
}

/** Letters added, left out, replaced, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, replaced)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) next[j] = Math.min(next[j]!, before[j - 2]! + 1)
    }
    before = row
    row = next
  }
  return row[b.length]!
}
