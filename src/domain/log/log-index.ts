// A sealed log is its frames, and behind them the places where reading can begin: an index for lines and for text.

import type { LogPlace } from './log-chunk.ts'

/** `offset`: among the frames. */
export type IndexEntry = LogPlace & { readonly offset: number }

/** Between two entries; about what is read to show one page. */
export const INDEX_STEP_BYTES = 262_144

/** Collects entries while a log is written: one for each chunk that begins far enough behind the last entry. */
export class LogIndexWriter {
  readonly #entries: IndexEntry[] = []

  /** A chunk begins here. */
  at(entry: IndexEntry): void {
    const last = this.#entries.at(-1)
    if (last === undefined || entry.offset - last.offset >= INDEX_STEP_BYTES) this.#entries.push(entry)
  }

  bytes(): Uint8Array {
    const rows = this.#entries.map(({ offset, line, text }) => [offset, line, text])
    return new TextEncoder().encode(JSON.stringify(rows))
  }
}

export function readIndex(bytes: Uint8Array): IndexEntry[] {
  const rows = JSON.parse(new TextDecoder().decode(bytes)) as [number, number, number][]
  return rows.map(([offset, line, text]) => ({ offset, line, text }))
}
