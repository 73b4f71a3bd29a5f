// A namespace: owns jobs and defaults. `default` exists from the start.

import type { KeepSpec } from './policy.ts'
import type { Quotas } from './quotas.ts'
import type { TargetRules } from './target-rules.ts'

export const DEFAULT_PROJECT_ID = 'prj_default'

export type Project = {
  readonly id: string
  readonly name: string
  readonly description: string | null
  /** How long its jobs' runs are kept, unless a job says otherwise. */
  readonly keep: KeepSpec
  /** Whom its jobs and callbacks may call. */
  readonly targets: TargetRules
  readonly quotas: Quotas
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** What is set for a project by whoever runs the server. */
export type ProjectRules = Pick<Project, 'targets' | 'quotas'>

const NO_RULES: ProjectRules = { targets: {}, quotas: {} }

/** null: a project that is gone; what is left of it has the server's own. */
export function rulesOf(project: Project | null): ProjectRules {
  return project === null ? NO_RULES : { targets: project.targets, quotas: project.quotas }
}
