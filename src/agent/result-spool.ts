// Results that the server has not heard of yet, one file each: they outlive a server that is away and an agent that is killed.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Outcome } from '../domain/outcome.ts'
import type { Held } from '../ports/agent-store.ts'

export type Result = Held & { readonly outcome: Outcome; readonly endedAt: number }

export class ResultSpool {
  readonly #folder: string
  /** By file name, in the order they were kept. */
  readonly #results = new Map<string, Result>()

  /** What an agent before this one has left is there again. A file that was not finished was no result. */
  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith('.json')) continue
      try {
        this.#results.set(name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Result)
      } catch {
        // Torn by a crash of the machine: the attempt ends as lost.
      }
    }
  }

  get isEmpty(): boolean {
    return this.#results.size === 0
  }

  /** Kept already: it is not written twice. */
  async keep(results: readonly Result[]): Promise<void> {
    await Promise.all(
      results.map(async (result) => {
        const name = nameOf(result)
        if (this.#results.has(name)) return
        const path = join(this.#folder, name)
        const aside = `${path}.new`
        await writeFile(aside, JSON.stringify(result), { mode: 0o600 })
        await rename(aside, path)
        this.#results.set(name, result)
      }),
    )
  }

  batch(max: number): Result[] {
    return [...this.#results.values()].slice(0, max)
  }

  held(): Held[] {
    return [...this.#results.values()].map(({ runId, fence }) => ({ runId, fence }))
  }

  async forget(results: readonly Result[]): Promise<void> {
    for (const result of results) {
      const name = nameOf(result)
      await rm(join(this.#folder, name), { force: true })
      this.#results.delete(name)
    }
  }
}

function nameOf({ runId, fence }: Held): string {
  return `${runId.replaceAll(/[^\w-]/g, '_')}.${fence}.json`
}
