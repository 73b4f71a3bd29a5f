// Its ids are numbers. A job's number says its project too, so that a job is found without a table of numbers.

import { AppError } from '../../../domain/errors.ts'

export const SYSTEM = 'scheduler0'

const JOBS_PER_PROJECT = 1_000_000_000
/** So that the number of the last job is still exact in every language with doubles. */
const PROJECTS_MAX = 9_000_000

export function projectName(project: number): string {
  return `${SYSTEM}-${project}`
}

/** null: not a project of this door. */
export function projectNumber(name: string): number | null {
  const match = /^scheduler0-([1-9]\d{0,6})$/.exec(name)
  return match === null ? null : Number(match[1])
}

export function jobNumber(project: number, nth: number): number {
  return project * JOBS_PER_PROJECT + nth
}

export function projectOfJob(job: number): number {
  return Math.floor(job / JOBS_PER_PROJECT)
}

/** From a path or a body; throws what the system says of anything else. */
export function idOf(given: unknown, what: 'project' | 'job'): number {
  const value = typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given
  const max = what === 'project' ? PROJECTS_MAX : PROJECTS_MAX * JOBS_PER_PROJECT
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value <= max) return value
  const detail = `${what} id is a number, not ${JSON.stringify(given)?.slice(0, 60) ?? 'nothing'}`
  throw new AppError('invalid', detail, [{ pointer: '', code: 'type', detail }])
}
