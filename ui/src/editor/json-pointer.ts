// Where in a document something is (RFC 6901).

export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** undefined where there is nothing. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document
  for (const step of stepsOf(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[step]
  }
  return value
}

export function sameAt(a: unknown, b: unknown, pointer: string): boolean {
  return JSON.stringify(valueAt(a, pointer)) === JSON.stringify(valueAt(b, pointer))
}
