// What the server found wrong with one field, or with a part of it.

import type { Problem } from '../../../src/sdk/index.ts'

export function wrongAt(problems: readonly Problem[], pointer: string): string | undefined {
  const found = problems.filter(
    (problem) => problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`),
  )
  return found.length === 0 ? undefined : found.map(({ detail }) => detail).join(' ')
}
