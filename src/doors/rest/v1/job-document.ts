// The document of a job that a caller edits: checked as a whole, whether it was sent whole or made by a patch.

import { checkDraft } from '../../../commands/check-draft.ts'
import type { Context } from '../../../commands/context.ts'
import type { JobDraft } from '../../../commands/job-draft.ts'
import type { Problem } from '../../../domain/errors.ts'
import type { Job } from '../../../domain/job.ts'
import * as protocol from '../../../protocol/job.ts'
import { HttpProblem, invalid } from '../../http/http-problem.ts'
import { mergePatch } from '../../http/merge-patch.ts'
import { bodyCheck } from '../../http/validate/body-check.ts'
import { presentSpec } from './present.ts'

const check = bodyCheck(protocol.JobDraft)

/** What a reply tells of a job that nobody can write. */
const READ_ONLY = Object.keys(protocol.JobWithWarnings.properties).filter(
  (key) => !Object.hasOwn(protocol.JobDraft.properties, key),
)

/** Throws HttpProblem('invalid') with every problem of the document's shape, and of what its sound parts mean. */
export function readDraft(ctx: Context, document: unknown): JobDraft {
  const read = tryDraft(ctx, document)
  if ('draft' in read) return read.draft
  throw invalid(read.problems)
}

export function tryDraft(ctx: Context, document: unknown): { draft: JobDraft } | { problems: Problem[] } {
  try {
    return { draft: check(document) }
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error
    const { problems } = error
    return { problems: [...problems.map(readOnly), ...checkDraft(ctx, soundParts(document, problems))] }
  }
}

/** The parts whose shape is right. */
function soundParts(document: unknown, problems: readonly Problem[]): Partial<JobDraft> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return {}
  const broken = new Set(problems.map(({ pointer }) => pointer.split('/')[1]))
  return Object.fromEntries(
    Object.entries(document).filter(
      ([key]) => Object.hasOwn(protocol.JobDraft.properties, key) && !broken.has(key),
    ),
  )
}

export function patchedDraft(ctx: Context, job: Job, patch: unknown): JobDraft {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw invalid([{ pointer: '', code: 'type', detail: 'A merge patch of a job is an object.' }])
  }
  return readDraft(ctx, mergePatch(presentSpec(job.spec), patch))
}

/** A caller sends back what it got: say what to leave out, not that the field is unknown. */
function readOnly(problem: Problem): Problem {
  const key = problem.pointer.slice(1)
  if (problem.code !== 'unknown_field' || !READ_ONLY.includes(key)) return problem
  const detail = `"${key}" is set by the server and cannot be written. Leave it out.`
  return { pointer: problem.pointer, code: 'read_only', detail }
}
