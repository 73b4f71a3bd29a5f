// Waits until it alone holds a file, for as long as it is told. Whoever dies with it lets it go.

import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemClock } from '../adapters/system/system-clock.ts'

const LOOK_EVERY_MS = 50

/** null: others held it all the time. Throws where it cannot be made. */
export async function waitForFile(file: string, waitMs: number): Promise<Disposable | null> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const { holdFile } = await import('../adapters/sqlite/file-lock.ts')
  for (const until = systemClock.monotonic() + waitMs; ; ) {
    const lock = holdFile(file)
    if (lock !== null) return lock
    if (systemClock.monotonic() >= until) return null
    await new Promise<void>((resolve) => systemClock.after(LOOK_EVERY_MS, resolve))
  }
}
