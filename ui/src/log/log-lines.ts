// The lines of one log as far as they have been asked for: page by page where one looks, and what comes while it grows.
// However long the log is, only some pages of it are kept. What could not be read is asked for again after a pause.

import type { LogLine } from '../../../src/sdk/index.ts'

export const PAGE_LINES = 500
const PAGES_KEPT = 60
export const PAUSE_MS = 5_000

/** `next`: the first line that was not looked at. The server ends an answer early where lines are long. */
export type ReadLines = (
  from: number,
  limit: number,
) => Promise<{ readonly items: readonly LogLine[]; readonly next: number; readonly total: number }>

export class LogLines {
  /** Lines that there are. */
  total: number
  /** Why lines in sight are missing; null: they are not. */
  wrong: unknown = null
  readonly #read: ReadLines
  readonly #changed: () => void
  readonly #later: (ms: number, act: () => void) => void
  /** By number of the page; the longest unused one is forgotten first. */
  readonly #pages = new Map<number, (LogLine | undefined)[]>()
  readonly #asking = new Set<number>()
  /** Asked for in vain a moment ago. */
  readonly #resting = new Set<number>()

  constructor(
    total: number,
    read: ReadLines,
    changed: () => void,
    later: (ms: number, act: () => void) => void = (ms, act) => setTimeout(act, ms),
  ) {
    this.total = total
    this.#read = read
    this.#changed = changed
    this.#later = later
  }

  /** undefined: it has been asked for, and `changed` will be called. */
  line(number: number): LogLine | undefined {
    const page = pageOf(number)
    const line = this.#pages.get(page)?.[(number - 1) % PAGE_LINES]
    if (line === undefined) void this.#fetch(page)
    return line
  }

  /** What came by itself. */
  add(lines: readonly LogLine[]): void {
    this.#keep(lines)
    this.#changed()
  }

  async #fetch(page: number): Promise<void> {
    if (this.#asking.has(page) || this.#resting.has(page)) return
    this.#asking.add(page)
    try {
      this.wrong = null
      if (!(await this.#fill(page))) this.#rest(page)
    } catch (error) {
      this.wrong = error
      this.#rest(page)
    } finally {
      this.#asking.delete(page)
      this.#changed()
    }
  }

  /** false: the server has less than it said. */
  async #fill(page: number): Promise<boolean> {
    const end = (page + 1) * PAGE_LINES
    for (let from = this.#missing(page); from <= Math.min(end, this.total); ) {
      const { items, next, total } = await this.#read(from, end - from + 1)
      this.total = Math.max(this.total, total)
      this.#keep(items)
      if (next <= from) return false
      from = next
      if (from <= end) this.#changed()
    }
    return true
  }

  #missing(page: number): number {
    const lines = this.#pages.get(page) ?? []
    const hole = Array.from(lines).indexOf(undefined)
    return page * PAGE_LINES + (hole < 0 ? lines.length : hole) + 1
  }

  #rest(page: number): void {
    this.#resting.add(page)
    this.#later(PAUSE_MS, () => {
      this.#resting.delete(page)
      this.#changed()
    })
  }

  #keep(some: readonly LogLine[]): void {
    for (const line of some) {
      this.total = Math.max(this.total, line.line)
      const page = pageOf(line.line)
      const lines = this.#pages.get(page) ?? []
      this.#pages.delete(page)
      this.#pages.set(page, lines)
      lines[(line.line - 1) % PAGE_LINES] = line
    }
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= PAGES_KEPT) return
      this.#pages.delete(page)
    }
  }
}

function pageOf(line: number): number {
  return Math.floor((line - 1) / PAGE_LINES)
}
