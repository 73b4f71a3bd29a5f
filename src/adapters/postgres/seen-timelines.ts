// The newest timeline seen of each database system. A file keeps it over restarts: a former primary that comes back must not
// be taken for the primary by a server that was started meanwhile, and what it holds itself cannot tell.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'

export class SeenTimelines {
  /** null: of this process alone. */
  readonly path: string | null
  readonly #seen: Map<string, number>
  #kept = true

  constructor(path: string | null = null) {
    this.path = path
    this.#seen = path === null ? new Map() : read(path)
  }

  newest(system: string): number {
    return this.#seen.get(system) ?? 0
  }

  saw(system: string, timeline: number): void {
    if (timeline > this.newest(system)) {
      this.#seen.set(system, timeline)
      this.#kept = false
    }
    if (!this.#kept && this.path !== null) this.#keep(this.path)
  }

  /** A disk that is full keeps nobody from the database; the next connection tries again. */
  #keep(path: string): void {
    try {
      const aside = `${path}.new`
      const file = openSync(aside, 'w', 0o600)
      try {
        writeSync(file, `${JSON.stringify(Object.fromEntries(this.#seen))}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      renameSync(aside, path)
      this.#kept = true
    } catch {
      this.#kept = false
    }
  }
}

/** One that cannot be read says nothing. */
function read(path: string): Map<string, number> {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>)
    return new Map(entries.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])))
  } catch {
    return new Map()
  }
}
