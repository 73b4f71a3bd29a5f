// Looks through a log for words, in large pages, from where one is to its end and not around. While one page is looked through the
// next is on its way.

import { plainText } from './ansi.ts'
import type { ReadLines } from './log-lines.ts'

const WINDOW = 5_000

type Where = { readonly from: number; readonly backwards: boolean; readonly total: number }

/** The number of the next line with these words, in any case; null: there is none. */
export async function searchLog(
  read: ReadLines,
  words: string,
  { from, backwards, total }: Where,
  onLooked: (lines: number) => void,
  signal?: AbortSignal,
): Promise<number | null> {
  const wanted = words.toLowerCase()
  let looked = 0
  /** The first hit of these lines, or the last. An answer may end early: then it goes on there. */
  const lookIn = async (low: number, high: number): Promise<number | null> => {
    let last: number | null = null
    const ask = (at: number) => read(at, Math.min(WINDOW, high - at + 1), signal)
    for (let at = low, answer = ask(at); at <= high; ) {
      const { items, next } = await answer
      if (next > at && next <= high) {
        answer = ask(next)
        // Found before it has come: nobody waits for it.
        answer.catch(() => {})
      }
      looked += items.length
      onLooked(looked)
      for (const { line, text } of items) {
        if (line > high || !plainText(text).toLowerCase().includes(wanted)) continue
        if (!backwards) return line
        last = line
      }
      if (next <= at) break
      at = next
    }
    return last
  }
  if (backwards) {
    for (let high = from - 1; high >= 1; high -= WINDOW) {
      const hit = await lookIn(Math.max(1, high - WINDOW + 1), high)
      if (hit !== null) return hit
    }
    return null
  }
  return lookIn(from + 1, total)
}
