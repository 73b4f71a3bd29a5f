// The lines of one log as far as they have been asked for: page by page where one looks, and what comes while it grows.
// However long the log is, only some pages of it are kept, and however fast one scrolls through it, only what was in sight last is
// asked for. What could not be read is asked for again after a pause.

import type { LogLine } from '../../../src/sdk/index.ts'

export const PAGE_LINES = 500
const PAGES_KEPT = 60
/** Long lines: so many characters, but always some pages. */
const TEXT_KEPT = 16 * 1_048_576
const PAGES_KEPT_MIN = 4
const ASKED_TOGETHER = 2
/** Of what is to be asked for next; older wishes have scrolled by. */
const WANTED_MAX = 4
export const PAUSE_MS = 5_000

/** `next`: the first line that was not looked at. The server ends an answer early where lines are long. */
export type ReadLines = (
  from: number,
  limit: number,
  signal?: AbortSignal,
) => Promise<{ readonly items: readonly LogLine[]; readonly next: number; readonly total: number }>

type Page = { readonly lines: (LogLine | undefined)[]; text: number }

export class LogLines {
  /** Lines that there are. */
  total: number
  /** Why lines in sight are missing; null: they are not. */
  wrong: unknown = null
  readonly #read: ReadLines
  readonly #changed: () => void
  readonly #later: (ms: number, act: () => void) => void
  /** By number of the page; the longest unused one is forgotten first. */
  readonly #pages = new Map<number, Page>()
  #text = 0
  readonly #asking = new Set<number>()
  /** The newest last. */
  readonly #wanted = new Set<number>()
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
    const line = this.#pages.get(page)?.lines[(number - 1) % PAGE_LINES]
    if (line === undefined) this.#want(page)
    return line
  }

  /** What came by itself. */
  add(lines: readonly LogLine[]): void {
    this.#keep(lines)
    this.#changed()
  }

  #want(page: number): void {
    if (this.#asking.has(page) || this.#resting.has(page)) return
    this.#wanted.delete(page)
    this.#wanted.add(page)
    for (const old of this.#wanted) {
      if (this.#wanted.size <= WANTED_MAX) break
      this.#wanted.delete(old)
    }
    this.#ask()
  }

  #ask(): void {
    for (const page of [...this.#wanted].reverse()) {
      if (this.#asking.size >= ASKED_TOGETHER) return
      this.#wanted.delete(page)
      void this.#fetch(page)
    }
  }

  async #fetch(page: number): Promise<void> {
    this.#asking.add(page)
    try {
      this.wrong = null
      if (!(await this.#fill(page))) this.#rest(page)
    } catch (error) {
      this.wrong = error
      this.#rest(page)
    } finally {
      this.#asking.delete(page)
      this.#ask()
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
    const lines = this.#pages.get(page)?.lines ?? []
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
      const number = pageOf(line.line)
      const page = this.#pages.get(number) ?? { lines: [], text: 0 }
      const index = (line.line - 1) % PAGE_LINES
      const more = line.text.length - (page.lines[index]?.text.length ?? 0)
      page.lines[index] = line
      page.text += more
      this.#text += more
      this.#pages.delete(number)
      this.#pages.set(number, page)
    }
    for (const [number, { text }] of this.#pages) {
      const many = this.#pages.size > PAGES_KEPT || this.#text > TEXT_KEPT
      if (!many || this.#pages.size <= PAGES_KEPT_MIN) return
      this.#pages.delete(number)
      this.#text -= text
    }
  }
}

function pageOf(line: number): number {
  return Math.floor((line - 1) / PAGE_LINES)
}
