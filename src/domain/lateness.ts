// How late runs start, as counts in slots: small, addable, and exact enough to say "half of them within 5 ms".

/** Upper bounds of the slots; one more slot takes what is later still. */
export const LATENESS_BOUNDS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000,
] as const

export const LATENESS_SLOTS = LATENESS_BOUNDS_MS.length + 1

export function latenessSlot(lateMs: number): number {
  const slot = LATENESS_BOUNDS_MS.findIndex((bound) => lateMs <= bound)
  return slot === -1 ? LATENESS_BOUNDS_MS.length : slot
}

/** The bound below which at least this share of all starts lies; null: there were none, or it is past all bounds. */
export function latenessWithin(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  for (const [slot, count] of counts.entries()) {
    seen += count
    if (seen >= total * share) return LATENESS_BOUNDS_MS[slot] ?? null
  }
  return null
}
