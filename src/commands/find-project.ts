// A project by name or id, as far as the caller may see it.

import type { Principal } from '../domain/api-key.ts'
import { DEFAULT_PROJECT_ID, type Project } from '../domain/project.ts'
import { entersProject, notFound, refuseUnseen } from './authorize.ts'
import type { Context } from './context.ts'

export async function findProject(ctx: Context, who: Principal, idOrName: string): Promise<Project> {
  const { projects } = ctx.store
  const project = (await projects.get(idOrName)) ?? (await projects.byName(idOrName))
  if (project === null) throw notFound('project', idOrName)
  refuseUnseen(who, { projectId: project.id, what: 'project', name: idOrName })
  return project
}

export async function findProjectId(
  ctx: Context,
  who: Principal,
  idOrName: string | undefined,
): Promise<string> {
  if (idOrName === undefined && entersProject(who, DEFAULT_PROJECT_ID)) return DEFAULT_PROJECT_ID
  return (await findProject(ctx, who, idOrName ?? 'default')).id
}

/** The projects a list may show: the one that was asked for, else all the caller may enter. */
export async function visibleProjects(
  ctx: Context,
  who: Principal,
  idOrName: string | undefined,
): Promise<{ projectIds?: readonly string[] }> {
  if (idOrName !== undefined) return { projectIds: [(await findProject(ctx, who, idOrName)).id] }
  return who.projectIds === null ? {} : { projectIds: who.projectIds }
}
