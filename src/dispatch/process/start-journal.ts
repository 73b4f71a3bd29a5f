// Which attempts were started here, on disk before they are: what is in the journal is never started again, whatever is
// told after a crash. Starts that come together share one write to the disk.

import { readFileSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** One start: an attempt is known by its run, its part of it, and its fence. */
export type Start = { readonly runId: string; readonly part: number; readonly fence: number }

/** Ended ones that are remembered; far more than a server could offer again. */
const ENDED_KEPT = 20_000

type Waiting = { readonly line: string; readonly done: PromiseWithResolvers<void> | null }

export class StartJournal implements AsyncDisposable {
  readonly #path: string
  /** Key → has it ended. In the order of the starts. */
  readonly #starts: Map<string, boolean>
  #file: FileHandle
  #lines: number
  #waiting: Waiting[] = []
  #writing: Promise<void> | null = null
  /** After a failed write nobody knows what stands in the file; it is written anew. */
  #torn = false

  private constructor(path: string, starts: Map<string, boolean>, file: FileHandle) {
    this.#path = path
    this.#starts = starts
    this.#file = file
    this.#lines = starts.size
  }

  /** One process at a time: whoever owns the folder. */
  static async open(path: string): Promise<StartJournal> {
    const starts = readStarts(path)
    return new StartJournal(path, starts, await rewrite(path, starts))
  }

  /** Started and not known to have ended: by the process before this one, or by this one. */
  unfinished(): Start[] {
    return [...this.#starts].filter(([, ended]) => !ended).map(([key]) => startOf(key))
  }

  /**
   * true: it is yours to start, and nobody is told so again. false: it was started before. Rejects when the disk does not
   * take it: then it must not be started.
   */
  async begin(start: Start): Promise<boolean> {
    const key = keyOf(start)
    if (this.#starts.has(key)) return false
    this.#starts.set(key, false)
    try {
      await this.#write(`+${key}\n`, true)
    } catch (error) {
      // It may stand in the file all the same. A later try writes the file anew, without it.
      this.#starts.delete(key)
      throw error
    }
    return true
  }

  /** It has ended. Not worth a wait for the disk: forgotten by a crash, it only counts as unfinished. */
  end(start: Start): void {
    const key = keyOf(start)
    if (this.#starts.get(key) !== false) return
    this.#starts.set(key, true)
    void this.#write(`-${key}\n`, false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  #write(line: string, durable: boolean): Promise<void> {
    const done = durable ? Promise.withResolvers<void>() : null
    this.#waiting.push({ line, done })
    this.#writing ??= this.#writeAll()
    return done?.promise ?? Promise.resolve()
  }

  async #writeAll(): Promise<void> {
    // What is asked for in this turn goes along.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#commit(batch)
        for (const { done } of batch) done?.resolve()
      } catch (error) {
        this.#torn = true
        for (const { done } of batch) done?.reject(error)
      }
    }
    this.#writing = null
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    if (this.#torn || this.#lines + batch.length > 4 * ENDED_KEPT) {
      forgetOldest(this.#starts)
      const file = await rewrite(this.#path, this.#starts)
      await this.#file.close().catch(() => undefined)
      this.#file = file
      this.#lines = this.#starts.size
      this.#torn = false
      return
    }
    await this.#file.appendFile(batch.map(({ line }) => line).join(''))
    this.#lines += batch.length
    if (batch.some(({ done }) => done !== null)) await this.#file.datasync()
  }
}

function keyOf({ runId, part, fence }: Start): string {
  return `${runId} ${part} ${fence}`
}

function startOf(key: string): Start {
  const [runId = '', part, fence] = key.split(' ')
  return { runId, part: Number(part), fence: Number(fence) }
}

/** A last line that was cut off was never acknowledged, so nothing was started for it. */
function readStarts(path: string): Map<string, boolean> {
  const starts = new Map<string, boolean>()
  for (const line of textOf(path).split('\n').slice(0, -1)) {
    const [, sign, key] = /^([+-])(\S+ \d+ \d+)$/.exec(line) ?? []
    if (key === undefined) throw new Error(`the start journal ${path} is damaged at "${line.slice(0, 80)}"`)
    if (sign === '+') starts.set(key, false)
    else if (starts.has(key)) starts.set(key, true)
  }
  forgetOldest(starts)
  return starts
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function forgetOldest(starts: Map<string, boolean>): void {
  let surplus = starts.size - ENDED_KEPT
  for (const [key, ended] of starts) {
    if (surplus <= 0) return
    if (!ended) continue
    starts.delete(key)
    surplus -= 1
  }
}

/** Whole or not at all. Answers with the new file, open at its end. */
async function rewrite(path: string, starts: ReadonlyMap<string, boolean>): Promise<FileHandle> {
  const aside = `${path}.new`
  const file = await open(aside, 'w', 0o600)
  try {
    const lines = [...starts].map(([key, ended]) => (ended ? `+${key}\n-${key}\n` : `+${key}\n`))
    await file.writeFile(lines.join(''))
    await file.sync()
    await rename(aside, path)
    await syncFolder(dirname(path))
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
