// What went wrong, in the words of the server, for a person.

import { CarillonError, type Problem } from '../../../src/sdk/index.ts'

export function wrongText(error: unknown): string {
  if (error instanceof CarillonError) return error.detail
  return error instanceof Error ? error.message : String(error)
}

/** Every single thing that was wrong with what was sent. */
export function problemsOf(error: unknown): readonly Problem[] {
  return error instanceof CarillonError ? error.problems : []
}

export function isSignedOut(error: unknown): boolean {
  return error instanceof CarillonError && error.status === 401
}

export function isMissing(error: unknown): boolean {
  return error instanceof CarillonError && error.status === 404
}
