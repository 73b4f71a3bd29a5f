// Looks through a log for words, in large pages, from where one is to its end and not around.

import { carillon } from '../state/client.ts'
import { plainText } from './ansi.ts'

const PAGE = 5_000

type Where = { readonly from: number; readonly backwards: boolean; readonly total: number }

/** The number of the next line with these words, in any case; null: there is none. */
export async function searchLog(
  run: string,
  which: { readonly attempt: number; readonly part: number },
  words: string,
  { from, backwards, total }: Where,
  onLooked: (lines: number) => void,
): Promise<number | null> {
  const wanted = words.toLowerCase()
  let looked = 0
  let [low, high] = backwards
    ? [Math.max(1, from - PAGE), from - 1]
    : [from + 1, Math.min(total, from + PAGE)]
  while (low <= high) {
    const { items, next } = await carillon.logs.read(run, { ...which, from: low, limit: high - low + 1 })
    const hits = items.filter(
      ({ line, text }) => line <= high && plainText(text).toLowerCase().includes(wanted),
    )
    const hit = backwards ? hits.at(-1) : hits[0]
    if (hit !== undefined) return hit.line
    looked += items.length
    onLooked(looked)
    if (backwards) [low, high] = [Math.max(1, low - PAGE), low - 1]
    // A page may hold fewer lines than were asked for.
    else [low, high] = [Math.max(next, low + 1), Math.min(total, Math.max(next, low + 1) + PAGE - 1)]
  }
  return null
}
