// What projects may and how much, at hand for every step that needs to know. Looked up again after a while, so that a change
// at another server holds here soon; a change made here holds at once.

import { type ProjectRules, rulesOf } from '../domain/project.ts'
import { RecentlyUsed } from '../domain/recently-used.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'

/** What was decided elsewhere holds here after this at the latest: nothing is done by older rules. */
export const RULES_OLD_MS = 5_000
/** From this age on they are looked up anew, while those at hand still hold. */
const RULES_FRESH_MS = 2_000
const KEPT_MAX = 10_000

type Known = { readonly rules: ProjectRules; readonly readAt: number }

export class KnownProjects {
  readonly #store: Pick<Store, 'projects'>
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #known = new RecentlyUsed<string, Known>(KEPT_MAX)
  readonly #asked = new Map<string, Promise<ProjectRules>>()

  constructor(store: Pick<Store, 'projects'>, clock: Pick<Clock, 'monotonic'>) {
    this.#store = store
    this.#clock = clock
  }

  /** Without asking; null: it has to be asked for. */
  atHand(projectId: string): ProjectRules | null {
    const known = this.#known.get(projectId)
    if (known === undefined) return null
    const age = this.#clock.monotonic() - known.readAt
    if (age >= RULES_OLD_MS) return null
    if (age >= RULES_FRESH_MS && !this.#asked.has(projectId)) this.#ask(projectId).catch(() => undefined)
    return known.rules
  }

  async of(projectId: string): Promise<ProjectRules> {
    return this.atHand(projectId) ?? this.#asked.get(projectId) ?? this.#ask(projectId)
  }

  /** It has just been changed. */
  forget(projectId: string): void {
    const known = this.#known.get(projectId)
    if (known !== undefined) this.#known.set(projectId, { ...known, readAt: Number.NEGATIVE_INFINITY })
    this.#asked.delete(projectId)
  }

  #ask(projectId: string): Promise<ProjectRules> {
    const readAt = this.#clock.monotonic()
    const asked = this.#store.projects.get(projectId).then((project) => {
      const rules = rulesOf(project)
      // What was changed meanwhile is not covered with what it was.
      if (this.#asked.get(projectId) === asked) this.#known.set(projectId, { rules, readAt })
      return rules
    })
    this.#asked.set(projectId, asked)
    const done = (): void => {
      if (this.#asked.get(projectId) === asked) this.#asked.delete(projectId)
    }
    asked.then(done, done)
    return asked
  }
}
