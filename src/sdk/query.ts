// Query strings: what is left out does not travel, lists repeat their name.

export type QueryValue = string | number | boolean | Date | readonly string[] | undefined
export type Query = Readonly<Record<string, QueryValue>>

export function queryString(query: Query): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) params.append(name, asText(one))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

function asText(value: string | number | boolean | Date): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

/** A name or an id as one part of a path. */
export function segment(reference: string): string {
  return encodeURIComponent(reference)
}
