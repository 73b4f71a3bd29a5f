import type { Action } from '../domain/actions.ts'
import type { Principal } from '../domain/api-key.ts'
import { AppError, Problems } from '../domain/errors.ts'
import type { KeepSpec } from '../domain/policy.ts'
import { DEFAULT_PROJECT_ID, type Project } from '../domain/project.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { audited } from './audited.ts'
import { authorize, entersProject } from './authorize.ts'
import type { Context } from './context.ts'
import { findProject } from './find-project.ts'

export type ProjectDraft = {
  readonly name: string
  readonly description?: string | null
  readonly keep?: KeepSpec
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export async function listProjects(ctx: Context, who: Principal, page: PageRequest): Promise<Page<Project>> {
  authorize(who, 'project.read')
  const { items, nextCursor } = await ctx.store.projects.list(page)
  return { items: items.filter(({ id }) => entersProject(who, id)), nextCursor }
}

export async function getProject(ctx: Context, who: Principal, idOrName: string): Promise<Project> {
  authorize(who, 'project.read')
  return findProject(ctx, who, idOrName)
}

export async function createProject(ctx: Context, who: Principal, draft: ProjectDraft): Promise<Project> {
  authorize(who, 'project.create')
  checkName(draft.name)
  const now = ctx.clock.now()
  const project: Project = {
    id: ctx.chance.id('prj'),
    name: draft.name,
    description: draft.description ?? null,
    keep: draft.keep ?? {},
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  const about = { projectId: project.id, subject: project.id, detail: { name: draft.name } }
  if (!(await audited(ctx, who, 'project.create', about, () => ctx.store.projects.add(project))))
    throw projectNameTaken(draft.name)
  return project
}

export async function updateProject(
  ctx: Context,
  who: Principal,
  idOrName: string,
  patch: Partial<ProjectDraft>,
  ifVersion: number | null,
  as: Action = 'project.update',
): Promise<Project> {
  authorize(who, as)
  const old = await findProject(ctx, who, idOrName)
  if (ifVersion !== null && ifVersion !== old.version) throw changedMeanwhile(old.version)
  if (patch.name !== undefined) checkName(patch.name)
  if (old.id === DEFAULT_PROJECT_ID && patch.name !== undefined && patch.name !== old.name) {
    throw new AppError('in_use', 'The default project keeps its name.')
  }
  const project: Project = {
    ...old,
    name: patch.name ?? old.name,
    description: patch.description === undefined ? old.description : patch.description,
    keep: patch.keep ?? old.keep,
    version: old.version + 1,
    updatedAt: ctx.clock.now(),
  }
  const about = { projectId: project.id, subject: project.id, detail: { fields: Object.keys(patch) } }
  if (!(await audited(ctx, who, as, about, () => ctx.store.projects.update(project)))) {
    const now = await findProject(ctx, who, old.id)
    throw now.version === old.version ? projectNameTaken(project.name) : changedMeanwhile(now.version)
  }
  return project
}

export async function deleteProject(
  ctx: Context,
  who: Principal,
  idOrName: string,
  as: Action = 'project.delete',
): Promise<void> {
  authorize(who, as)
  const project = await findProject(ctx, who, idOrName)
  if (project.id === DEFAULT_PROJECT_ID)
    throw new AppError('in_use', 'The default project cannot be deleted.')
  const about = { projectId: project.id, subject: project.id, detail: { name: project.name } }
  if (!(await audited(ctx, who, as, about, () => ctx.store.projects.delete(project.id)))) {
    throw new AppError(
      'in_use',
      'This project still has jobs or a ledger. Delete its jobs first; the ledger goes with retention.',
    )
  }
}

function checkName(name: string): void {
  const problems = new Problems()
  if (!NAME.test(name)) {
    problems.add(
      '/name',
      'name_invalid',
      'A project name has 1 to 63 of a-z 0-9 and -, and starts and ends with a letter or digit.',
    )
  }
  problems.throwIfAny()
}

function projectNameTaken(name: string): AppError {
  const detail = `A project named "${name}" exists already.`
  return new AppError('name_taken', detail, [{ pointer: '/name', code: 'name_taken', detail }])
}

function changedMeanwhile(version: number): AppError {
  return new AppError(
    'version_conflict',
    `This project is at version ${version} now. Read it again and repeat the change.`,
  )
}
