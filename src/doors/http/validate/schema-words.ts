// The subset of JSON Schema that the wire contract uses, and how its kinds are called in a sentence.

export type Schema = {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

/** Is the value of this JSON Schema type? Nothing is coerced: "5" is not 5. */
export function kindOf(value: unknown, type: string | undefined): boolean {
  switch (type) {
    case undefined:
      return true
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}

const WORDS: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
}

/** What a schema takes, in words: `one of skip, queue or an object`. */
export function wordsFor(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(wordsFor).join(' or ')
  if (schema.enum !== undefined) return `one of ${listed(schema.enum.map(String))}`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  return WORDS[schema.type ?? ''] ?? 'a value'
}

export function listed(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(', ')
}
