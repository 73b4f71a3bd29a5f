// The lines of one log as far as they have been asked for: page by page where one looks, and what comes while it grows.
// However long the log is, only some pages of it are kept.

import type { LogLine } from '../../../src/sdk/index.ts'

export const PAGE_LINES = 500
const PAGES_KEPT = 60

type Ask = (
  from: number,
  limit: number,
) => Promise<{ readonly items: readonly LogLine[]; readonly total: number }>

export class LogLines {
  /** Lines that there are. */
  total: number
  readonly #ask: Ask
  readonly #changed: () => void
  /** By number of the page; the longest unused one is forgotten first. */
  readonly #pages = new Map<number, (LogLine | undefined)[]>()
  readonly #asking = new Set<number>()

  constructor(total: number, ask: Ask, changed: () => void) {
    this.total = total
    this.#ask = ask
    this.#changed = changed
  }

  /** undefined: it has been asked for, and `changed` will be called. */
  line(number: number): LogLine | undefined {
    const page = Math.floor((number - 1) / PAGE_LINES)
    const lines = this.#pages.get(page)
    const line = lines?.[(number - 1) % PAGE_LINES]
    if (line === undefined) void this.#fetch(page)
    return line
  }

  /** What came by itself. */
  add(lines: readonly LogLine[]): void {
    for (const line of lines) this.#keep(line)
    this.#forget()
    this.#changed()
  }

  async #fetch(page: number): Promise<void> {
    if (this.#asking.has(page)) return
    this.#asking.add(page)
    try {
      const { items, total } = await this.#ask(page * PAGE_LINES + 1, PAGE_LINES)
      this.total = Math.max(this.total, total)
      for (const line of items) this.#keep(line)
      this.#forget()
    } finally {
      this.#asking.delete(page)
      this.#changed()
    }
  }

  #keep(line: LogLine): void {
    this.total = Math.max(this.total, line.line)
    const page = Math.floor((line.line - 1) / PAGE_LINES)
    const lines = this.#pages.get(page) ?? []
    this.#pages.delete(page)
    this.#pages.set(page, lines)
    lines[(line.line - 1) % PAGE_LINES] = line
  }

  #forget(): void {
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= PAGES_KEPT) return
      this.#pages.delete(page)
    }
  }
}
