// The cases of this system: /v1 speaks snake_case, /api/v1 camelCase; what comes in may be either.

export type Words = 'snake' | 'camel'

/** The one name that is in camelCase everywhere. */
const ALWAYS_CAMEL = new Set(['timezoneOffset'])

/** Members that are undefined, 0, '' or false are left out, as its encoder did. */
export function inWords(words: Words, object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members = Object.entries(object).filter(([, value]) => value !== undefined && !isZero(value))
  return Object.fromEntries(members.map(([name, value]) => [words === 'snake' ? snake(name) : name, value]))
}

function isZero(value: unknown): boolean {
  return value === 0 || value === '' || value === false || (Array.isArray(value) && value.length === 0)
}

function snake(name: string): string {
  return ALWAYS_CAMEL.has(name) ? name : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The names of a sent object in camelCase. Of two spellings of one name the camelCase one counts. */
export function camelKeys(sent: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(sent).map(([name, value]) => [camel(name), value, name] as const)
  const ordered = entries.sort(
    ([, , one], [, , other]) => Number(one.includes('_')) - Number(other.includes('_')),
  )
  return Object.fromEntries(ordered.reverse().map(([name, value]) => [name, value]))
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
