// Definitions of jobs by version. A version that is committed never changes, so what was read stays true; the last used are kept
// parsed, which also lets compiled schedules be found again by identity.

import type { JobSpec } from '../../domain/job.ts'
import { RecentlyUsed } from '../../domain/recently-used.ts'
import { SpecTexts } from '../../domain/spec-texts.ts'
import type { Reader } from './database.ts'
import { numberWithin } from './numbered.ts'
import { sql } from './sql.ts'

const SPECS_KEPT_MAX = 10_000

export type VersionRef = { readonly jobNo: number; readonly version: number }
export type SpecOf = (ref: VersionRef) => JobSpec

const READ = sql<{ jobNo: number; version: number; spec: string }>(
  `SELECT v.job_no AS "jobNo", v.version, v.spec
   FROM unnest($1::bigint[], $2::integer[]) AS w (job_no, version)
   JOIN job_versions v ON v.job_no = w.job_no AND v.version = w.version`,
)

export class Specs {
  #kept = new RecentlyUsed<number, JobSpec>(SPECS_KEPT_MAX)
  readonly #texts = new SpecTexts()
  /** What these have written may still be taken back, so what they see is not remembered. */
  readonly #unsure = new WeakSet<Reader>()

  /** To be said before a transaction writes versions. */
  doubt(tx: Reader): void {
    this.#unsure.add(tx)
  }

  /** Of a history that may have lost its end. */
  forget(): void {
    this.#kept = new RecentlyUsed(SPECS_KEPT_MAX)
  }

  /** Those of a batch: what is not remembered is read in one statement. */
  async of(reader: Reader, refs: Iterable<VersionRef>): Promise<SpecOf> {
    const found = new Map<number, JobSpec>()
    const missing = new Map<number, VersionRef>()
    for (const ref of refs) {
      const no = numberWithin(ref.jobNo, ref.version)
      const kept = this.#kept.get(no)
      if (kept === undefined) missing.set(no, ref)
      else found.set(no, kept)
    }
    if (missing.size > 0) {
      const wanted = [...missing.values()]
      const jobNos = wanted.map(({ jobNo }) => jobNo)
      const versions = wanted.map(({ version }) => version)
      for (const { jobNo, version, spec } of await reader.all(READ, jobNos, versions)) {
        const no = numberWithin(jobNo, version)
        found.set(no, this.#keep(reader, no, this.#texts.read(spec)))
      }
    }
    return ({ jobNo, version }) => {
      const spec = found.get(numberWithin(jobNo, version))
      if (spec === undefined) throw new Error(`version ${version} of job number ${jobNo} is not stored`)
      return spec
    }
  }

  #keep(reader: Reader, no: number, spec: JobSpec): JobSpec {
    // Of a job that runs once, nobody asks again.
    if (spec.schedule.at === undefined && !this.#unsure.has(reader)) this.#kept.set(no, spec)
    return spec
  }
}
