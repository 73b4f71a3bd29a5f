// Versions on the wire: ETag "3", If-Match "3". Weak tags count too: our versions are exact, and compressing
// proxies weaken the tags they pass on.

import { HttpProblem } from './http-problem.ts'

export function etag(version: number): string {
  return `"${version}"`
}

/** Whoever names no version may take back what somebody else wrote a moment ago. */
export function requireIfMatch(header: string | string[] | undefined): void {
  if (header !== undefined) return
  const detail =
    'Changes here name the version they change (require-if-match): send If-Match with the ETag that was answered, or If-Match: * for any.'
  throw new HttpProblem('precondition_required', detail, {
    problems: [{ pointer: 'header:If-Match', code: 'required', detail }],
  })
}

/** null: any version will do (no header, or `*`). */
export function ifMatchVersion(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '*') return null
  const digits = typeof header === 'string' ? /^(?:W\/)?"(\d{1,15})"$/.exec(header.trim())?.[1] : undefined
  if (digits !== undefined) return Number(digits)
  const detail = 'If-Match holds one ETag as it was answered, quotes included: If-Match: "3".'
  throw new HttpProblem('invalid_precondition', detail, {
    problems: [{ pointer: 'header:If-Match', code: 'format', detail }],
  })
}
