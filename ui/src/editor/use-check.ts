// What the server makes of a job while one writes it: asked once one pauses, one question at a time, and an answer counts
// only for the parts that have not been changed since.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import type { CallOptions, JobCheck, JobDraft, Problem } from '../../../src/sdk/index.ts'
import { sameAt } from './json-pointer.ts'
import { useSettled } from './use-settled.ts'

const WAIT_MS = 300
/** A longer document is checked when it is saved. */
export const CHECKED_MAX = 128 * 1_024

export type Checker = {
  /** Of which job; `new` of none. */
  readonly of: string
  readonly ask: (draft: JobDraft, options: CallOptions) => Promise<JobCheck>
}

export type Told = { readonly about: unknown; readonly problems: readonly Problem[] }

export function useCheck(checker: Checker, start: JobDraft, draft: JobDraft) {
  const now = JSON.stringify(draft)
  const text = useSettled(now, WAIT_MS)
  const long = text.length > CHECKED_MAX
  const { data, error } = useQuery({
    queryKey: ['check', checker.of, text],
    queryFn: async ({ signal }) => {
      const about = JSON.parse(text) as JobDraft
      const { errors, warnings } = await checker.ask(about, { signal })
      return { about, text, problems: errors, warnings }
    },
    enabled: !long && text !== JSON.stringify(start),
    placeholderData: keepPreviousData,
    gcTime: 10_000,
  })
  return {
    told: data ?? null,
    error,
    long,
    /** The answer is about what stands there now. */
    current: data !== undefined && data.text === now,
  }
}

/** Those that are about what still stands there. */
export function stillTrue(told: Told | null, draft: unknown): readonly Problem[] {
  return told === null ? [] : told.problems.filter(({ pointer }) => sameAt(told.about, draft, pointer))
}
