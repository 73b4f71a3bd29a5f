// How many jobs of Simple Scheduler a project has on the bus, as this node knows it. Each has exchanges and queues of its own
// there, which a broker has not without end. A name keeps its place until what it had on the bus has been removed.

export class BusRoom {
  /** Names that one project may have. */
  readonly max: number
  /** Name to project: on the bus a name belongs to one. */
  readonly #held = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  constructor(max: number) {
    this.max = max
  }

  /** All of these names have a place, or would get one. None is taken. */
  fits(projectId: string, names: ReadonlySet<string>): boolean {
    const further = [...names].filter((name) => this.#held.get(name) !== projectId)
    return further.length === 0 || this.#countOf(projectId) + further.length <= this.max
  }

  /** false: there is no place for it. */
  take(projectId: string, name: string): boolean {
    const holder = this.#held.get(name)
    if (holder === projectId) return true
    if (this.#countOf(projectId) >= this.max) return false
    if (holder !== undefined) this.release(name)
    this.#hold(projectId, name)
    return true
  }

  release(name: string): void {
    const projectId = this.#held.get(name)
    if (projectId === undefined) return
    this.#held.delete(name)
    const rest = this.#countOf(projectId) - 1
    if (rest > 0) this.#counts.set(projectId, rest)
    else this.#counts.delete(projectId)
  }

  /** Whose it is. null: it has no place. */
  holder(name: string): string | null {
    return this.#held.get(name) ?? null
  }

  /**
   * Anew, from the jobs there are, the oldest first: so all nodes come to the same answer, which is for each whether it has a
   * place. Other names keep theirs beside them: what they had is still on the bus, or their job is just being written.
   */
  settle(jobs: readonly { readonly projectId: string; readonly name: string }[]): readonly boolean[] {
    const before = [...this.#held]
    this.#held.clear()
    this.#counts.clear()
    // A name that two projects have is the older job's.
    const has = jobs.map(({ projectId, name }) => this.#held.has(name) || this.take(projectId, name))
    const known = new Set(jobs.map(({ name }) => name))
    for (const [name, projectId] of before) if (!known.has(name)) this.#hold(projectId, name)
    return has
  }

  names(): readonly string[] {
    return [...this.#held.keys()]
  }

  #hold(projectId: string, name: string): void {
    this.#held.set(name, projectId)
    this.#counts.set(projectId, this.#countOf(projectId) + 1)
  }

  #countOf(projectId: string): number {
    return this.#counts.get(projectId) ?? 0
  }
}
