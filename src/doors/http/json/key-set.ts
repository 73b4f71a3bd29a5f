// The keys of one object, to notice a second of the same name. Most objects have few keys: a list is faster
// for those, and cheaper to make.

const LIST_MAX = 16

export class KeySet {
  #list: string[] = []
  #set: Set<string> | null = null

  get size(): number {
    return this.#set?.size ?? this.#list.length
  }

  /** false: it was there already. */
  add(key: string): boolean {
    if (this.#set !== null) {
      const before = this.#set.size
      return this.#set.add(key).size > before
    }
    if (this.#list.includes(key)) return false
    this.#list.push(key)
    if (this.#list.length > LIST_MAX) {
      this.#set = new Set(this.#list)
      this.#list = []
    }
    return true
  }
}
