// One number for a version of a job, to remember it by.

const WITHIN = 2 ** 20

/** Not by bits: JavaScript's shifts end at 32. */
export function numberWithin(parentNo: number, number: number): number {
  return parentNo * WITHIN + number
}
