// Definitions of jobs by version. A version never changes, so what was read stays true; the last used are kept
// parsed, which also lets compiled schedules be found again by identity.

import type { JobSpec } from '../../domain/job.ts'
import { RecentlyUsed } from '../../domain/recently-used.ts'
import { SpecTexts } from '../../domain/spec-texts.ts'
import type { Database, Query } from './database.ts'
import { numberWithin } from './numbered.ts'

const SPECS_KEPT_MAX = 10_000

export class Specs {
  readonly #read: Query<readonly [string]>
  readonly #kept = new RecentlyUsed<number, JobSpec>(SPECS_KEPT_MAX)
  readonly #texts = new SpecTexts()

  constructor(db: Database) {
    this.#read = db.tuples('SELECT spec FROM job_versions WHERE no = ?')
  }

  of(jobNo: number, version: number): JobSpec {
    const no = numberWithin(jobNo, version)
    return this.#kept.get(no) ?? this.#keep(no, this.#stored(no))
  }

  /** Like `of`, for a caller who has the text at hand. */
  parsed(jobNo: number, version: number, text: string): JobSpec {
    // What is like another needs not be kept to be at hand; but with the end of a run its callback is asked for by number.
    const alike = this.#texts.alike(text)
    if (alike?.callback === null) return alike
    const no = numberWithin(jobNo, version)
    return this.#kept.get(no) ?? this.#keep(no, text)
  }

  #keep(no: number, text: string): JobSpec {
    const spec = this.#texts.read(text)
    // Of a job that runs once, nobody asks again.
    if (spec.schedule.at === undefined) this.#kept.set(no, spec)
    return spec
  }

  #stored(no: number): string {
    const row = this.#read.get(no)
    if (row === undefined)
      throw new Error(`version ${no % 2 ** 20} of job number ${Math.floor(no / 2 ** 20)} is not stored`)
    return row[0]
  }
}
