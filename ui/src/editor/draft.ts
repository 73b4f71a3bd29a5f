// The document of a job, as a form and as text: one and the same.

import type { Job, JobDraft, JobVersion } from '../../../src/sdk/index.ts'

/** What a caller may write of a job; defaults that say nothing are left out. */
export function draftOf(job: Job | JobVersion): JobDraft {
  const { name, description, labels, schedule, target, policy, callback } = job
  return {
    name,
    ...(description === null ? {} : { description }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    schedule,
    target,
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
    ...(callback === null ? {} : { callback }),
  }
}

export const FORMATS = ['yaml', 'json'] as const
export type Format = (typeof FORMATS)[number]

export async function textOf(draft: unknown, format: Format): Promise<string> {
  if (format === 'json') return JSON.stringify(draft, null, 2)
  const { stringify } = await import('yaml')
  return stringify(draft, { lineWidth: 0 })
}

/** Throws with line and column of what cannot be read. JSON is YAML too. */
export async function draftFromText(text: string): Promise<JobDraft> {
  const { parse } = await import('yaml')
  const value: unknown = parse(text, { maxAliasCount: 100, prettyErrors: true })
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('A job is a document with a name, a schedule and a target.')
  return value as JobDraft
}

/** The same with a field set; `undefined` and empty text take it out. */
export function withField<T extends object>(of: T, name: keyof T, value: unknown): T {
  const next = { ...of, [name]: value }
  if (value === undefined || value === '') delete next[name]
  return next
}
