// Where the jobs of a replaced system's clients live: a project named after the system, or the one their key is for.

import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Project } from '../domain/project.ts'
import { audited } from './audited.ts'
import { authorize, entersProject, holds, notFound } from './authorize.ts'
import type { Context } from './context.ts'
import { deleteProject, updateProject } from './projects.ts'

const CHANGE = 'door_project.change'

/**
 * A key for one project works in that one, so that several teams can move over side by side. null: the project named after
 * the system is not there yet, and nothing is in it.
 */
export async function knownDoorProjectId(
  ctx: Context,
  who: Principal,
  system: string,
): Promise<string | null> {
  authorize(who, 'door_project.enter')
  const [only, ...others] = who.projectIds ?? []
  if (only !== undefined && others.length === 0) return only
  const known = await ctx.store.projects.byName(system)
  if (known !== null && entersProject(who, known.id)) return known.id
  if (only !== undefined) {
    throw new AppError(
      'forbidden',
      `This key is for several projects, and "${system}", where jobs of this door live, is none of them. Use a key for one project.`,
    )
  }
  return null
}

/** For who is about to write: it is made when it is not there yet. */
export async function doorProjectId(ctx: Context, who: Principal, system: string): Promise<string> {
  const known = await knownDoorProjectId(ctx, who, system)
  if (known !== null) return known
  if (!holds(who, 'jobs:write')) throw notFound('project', system)
  const made = await makeDoorProject(ctx, system, (project) => {
    const about = { projectId: project.id, subject: project.id, detail: { name: system } }
    return audited(ctx, who, CHANGE, about, () => ctx.store.projects.add(project))
  })
  return made.id
}

/** The project named after the system, made when it is not there yet. Not for callers. */
export async function ensureDoorProject(ctx: Context, system: string): Promise<Project> {
  const { projects } = ctx.store
  return (await projects.byName(system)) ?? makeDoorProject(ctx, system, (project) => projects.add(project))
}

async function makeDoorProject(
  ctx: Context,
  system: string,
  add: (project: Project) => Promise<boolean>,
): Promise<Project> {
  const project = draftOf(ctx, system, `Jobs of clients that speak ${system}`)
  if (await add(project)) return project
  const winner = await ctx.store.projects.byName(system)
  if (winner === null) throw new Error(`the project ${system} is neither there nor can it be made`)
  return winner
}

/** A project of a system whose clients make projects themselves: it takes a key for all projects, not an admin's. */
export async function addDoorProject(
  ctx: Context,
  who: Principal,
  name: string,
  description: string,
): Promise<Project> {
  authorize(who, CHANGE)
  const project = draftOf(ctx, name, description)
  const about = { projectId: project.id, subject: project.id, detail: { name } }
  if (await audited(ctx, who, CHANGE, about, () => ctx.store.projects.add(project))) return project
  throw new AppError('name_taken', `A project named "${name}" exists already.`)
}

export async function describeDoorProject(
  ctx: Context,
  who: Principal,
  id: string,
  description: string,
): Promise<Project> {
  return updateProject(ctx, who, id, { description }, null, CHANGE)
}

/** Throws `in_use` while it has jobs or a ledger. */
export async function deleteDoorProject(ctx: Context, who: Principal, id: string): Promise<void> {
  await deleteProject(ctx, who, id, CHANGE)
}

function draftOf(ctx: Context, name: string, description: string): Project {
  const now = ctx.clock.now()
  return {
    id: ctx.chance.id('prj'),
    name,
    description,
    keep: {},
    targets: {},
    quotas: {},
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}
