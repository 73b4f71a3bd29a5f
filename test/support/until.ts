// Waits for what will be, looking again and again; never for a time alone.

import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 25

/** What `look` finds, as soon as it finds something. Throws after `deadlineMs`, naming what was waited for. */
export async function until<Found>(
  what: string,
  deadlineMs: number,
  look: () => Promise<Found | null | false | undefined> | Found | null | false | undefined,
): Promise<Found> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== false && found !== undefined) return found
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain until ${what}`)
    await pause(LOOK_EVERY_MS)
  }
}
