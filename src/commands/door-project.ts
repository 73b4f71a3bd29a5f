// Where the jobs of a replaced system's clients live: a project named after the system, or the one their key is for.

import type { Principal } from '../domain/api-key.ts'
import type { Project } from '../domain/project.ts'
import { authorize, entersProject } from './authorize.ts'
import type { Context } from './context.ts'

/** A key for one project works in that one, so that several teams can move over side by side. */
export async function doorProjectId(ctx: Context, who: Principal, system: string): Promise<string> {
  authorize(who, 'jobs:read')
  const [only, ...others] = who.projectIds ?? []
  if (only !== undefined && others.length === 0) return only
  const project = await ensureDoorProject(ctx, system)
  if (only !== undefined && !entersProject(who, project.id)) return only
  return project.id
}

/** The project named after the system, made when it is not there yet. */
export async function ensureDoorProject(ctx: Context, system: string): Promise<Project> {
  const { projects } = ctx.store
  const known = await projects.byName(system)
  if (known !== null) return known
  const now = ctx.clock.now()
  const project: Project = {
    id: ctx.chance.id('prj'),
    name: system,
    description: `Jobs of clients that speak ${system}`,
    keep: {},
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  if (await projects.add(project)) return project
  const winner = await projects.byName(system)
  if (winner === null) throw new Error(`the project ${system} is neither there nor can it be made`)
  return winner
}
