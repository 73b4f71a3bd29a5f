// Schemas of the wire contract as an OpenAPI document holds them: what has a title stands once, under its title,
// and is referred to from everywhere else.

import type { TSchema } from 'typebox'

type Json = Readonly<Record<string, unknown>>

export class Components {
  readonly #examples = new Map<string, unknown>()
  readonly #byTitle = new Map<string, { source: string; schema: Json }>()

  /** A reference where the schema has a title, else the schema itself. */
  refer(schema: TSchema | Json): Json {
    const plain = schema as Json
    const { title } = plain
    if (typeof title !== 'string') return this.#inner(plain)
    const source = JSON.stringify(plain)
    const known = this.#byTitle.get(title)
    if (known !== undefined && known.source !== source) throw new Error(`two schemas have the title ${title}`)
    if (known === undefined) {
      this.#byTitle.set(title, { source, schema: {} })
      this.#byTitle.set(title, { source, schema: this.#inner(plain) })
    }
    return { $ref: `#/components/schemas/${title}` }
  }

  get schemas(): Record<string, Json> {
    const sorted = [...this.#byTitle].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(sorted.map(([title, { schema }]) => [title, schema]))
  }

  /** Examples that many places show stand once too. */
  referToExample(name: string, value: unknown): Json {
    this.#examples.set(name, { value })
    return { $ref: `#/components/examples/${name}` }
  }

  get examples(): Record<string, unknown> {
    return Object.fromEntries([...this.#examples].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #inner(schema: Json): Json {
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, this.#part(key, value)]))
  }

  #part(key: string, value: unknown): unknown {
    if (key === 'properties' || key === 'patternProperties') {
      return Object.fromEntries(
        Object.entries(value as Json).map(([name, inner]) => [name, this.refer(inner as Json)]),
      )
    }
    if (key === 'items') return this.refer(value as Json)
    if (key === 'anyOf') return (value as Json[]).map((branch) => this.refer(branch))
    return value
  }
}
