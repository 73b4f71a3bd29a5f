// An example of a schema: the one it brings along, else one put together from its parts.

import type { Schema } from '../../http/validate/schema-words.ts'

export function exampleOf(
  schema: Schema & { readonly examples?: readonly unknown[]; readonly format?: string },
): unknown {
  if (schema.examples?.[0] !== undefined) return schema.examples[0]
  if (schema.anyOf !== undefined) return exampleOf(schema.anyOf[0]!)
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.const !== undefined) return schema.const
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, part]) => [key, exampleOf(part)]),
      )
    case 'array':
      return [exampleOf(schema.items ?? {})]
    case 'string':
      return 'text'
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    default:
      return null
  }
}
