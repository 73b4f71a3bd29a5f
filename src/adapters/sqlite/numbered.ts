// The number of a row that is counted within another one: a version of a job, an attempt of a run.

const WITHIN = 2 ** 20

/** Not by bits: JavaScript's shifts end at 32. */
export function numberWithin(parentNo: number, number: number): number {
  return parentNo * WITHIN + number
}

/** All numbers of one parent, both inclusive. */
export function rangeWithin(parentNo: number): readonly [number, number] {
  return [numberWithin(parentNo, 0), numberWithin(parentNo, WITHIN - 1)]
}
