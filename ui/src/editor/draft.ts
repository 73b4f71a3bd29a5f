// The document of a job, as a form and as text: one and the same.

import type { Job, JobDraft, JobVersion } from '../../../src/sdk/index.ts'
import { given } from '../state/given.ts'

/** What a caller may write of a job; defaults that say nothing are left out. */
export function draftOf(job: Job | JobVersion): JobDraft {
  const { name, description, labels, schedule, target, policy, callback } = job
  return {
    name,
    ...given({ description }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    schedule,
    target,
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
    ...given({ callback }),
  }
}

export const FORMATS = ['yaml', 'json'] as const
export type Format = (typeof FORMATS)[number]

export async function textOf(draft: unknown, format: Format): Promise<string> {
  if (format === 'json') return JSON.stringify(draft, null, 2)
  const { stringify } = await import('yaml')
  return stringify(draft, { lineWidth: 0 })
}

/** The line in which a part of the document stands; where it is missing, that of what it is missing in. */
export type LineOf = (pointer: string) => number

/** `line`: where it cannot be read. */
export class Unreadable extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/** JSON is YAML too. */
export async function draftFromText(text: string): Promise<{ draft: JobDraft; lineOf: LineOf }> {
  const { LineCounter, parseDocument } = await import('yaml')
  const { placeOf } = await import('./place-of.ts')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true })
  const [error] = document.errors
  if (error !== undefined) throw new Unreadable(error.message, error.linePos?.[0].line ?? 1)
  const value: unknown = document.toJS({ maxAliasCount: 100 })
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Unreadable('A job is a document with a name, a schedule and a target.', 1)
  return {
    draft: value as JobDraft,
    lineOf: (pointer) => lines.linePos(placeOf(document.contents, pointer)).line,
  }
}

/** The same with a field set; `undefined` and empty text take it out. */
export function withField<T extends object>(of: T, name: keyof T, value: unknown): T {
  const next = { ...of, [name]: value }
  if (value === undefined || value === '') delete next[name]
  return next
}
