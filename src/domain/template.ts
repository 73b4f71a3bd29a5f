// Texts with places to fill in: "{{run.id}}" stands for a fact about the run. A text that is nothing but one place takes
// the fact as it is, a number stays a number; a member whose only place has no fact is left out. What is not a known
// fact stays as it was written, because bodies hold braces of other people too.

export type Facts = Readonly<Record<string, unknown>>

const PLACE = /\{\{\s*([a-z][\w.]*)\s*\}\}/gi
const ONE_PLACE = /^\{\{\s*([a-z][\w.]*)\s*\}\}$/i

/** Cheap to ask, so that what has no place costs nothing to send. */
export function hasPlaces(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{')
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(hasPlaces)
}

export function fillIn(value: unknown, facts: Facts): unknown {
  if (typeof value === 'string') return fillText(value, facts)
  if (Array.isArray(value)) return value.map((item) => fillIn(item, facts) ?? null)
  if (typeof value !== 'object' || value === null) return value
  const filled = Object.entries(value).map(([name, item]) => [name, fillIn(item, facts)] as const)
  return Object.fromEntries(filled.filter(([, item]) => item !== undefined))
}

/** undefined: nothing but one place, and the fact is not there. */
function fillText(text: string, facts: Facts): unknown {
  const only = ONE_PLACE.exec(text)?.[1]
  if (only !== undefined && Object.hasOwn(facts, only)) return facts[only] ?? undefined
  return text.replace(PLACE, (place, name: string) =>
    Object.hasOwn(facts, name) ? textOf(facts[name]) : place,
  )
}

function textOf(fact: unknown): string {
  if (fact === null || fact === undefined) return ''
  return typeof fact === 'string' ? fact : JSON.stringify(fact)
}
