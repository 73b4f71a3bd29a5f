// A namespace: owns jobs and defaults. `default` exists from the start.

import type { KeepSpec } from './policy.ts'

export const DEFAULT_PROJECT_ID = 'prj_default'

export type Project = {
  readonly id: string
  readonly name: string
  readonly description: string | null
  /** How long its jobs' runs are kept, unless a job says otherwise. */
  readonly keep: KeepSpec
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}
