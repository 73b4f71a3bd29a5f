import { isDeepStrictEqual } from 'node:util'
import type { Action } from '../domain/actions.ts'
import type { Principal } from '../domain/api-key.ts'
import { AppError, Problems } from '../domain/errors.ts'
import type { KeepSpec } from '../domain/policy.ts'
import { DEFAULT_PROJECT_ID, type Project } from '../domain/project.ts'
import type { Quotas } from '../domain/quotas.ts'
import type { TargetRules } from '../domain/target-rules.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { audited } from './audited.ts'
import { authorize, entersProject } from './authorize.ts'
import type { Context } from './context.ts'
import { findProject } from './find-project.ts'

export type ProjectDraft = {
  readonly name: string
  readonly description?: string | null
  readonly keep?: KeepSpec
  readonly targets?: TargetRules
  readonly quotas?: Quotas
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
  checkRules(ctx, draft.targets)
  const now = ctx.clock.now()
  const project: Project = {
    id: ctx.chance.id('prj'),
    name: draft.name,
    description: draft.description ?? null,
    keep: draft.keep ?? {},
    targets: draft.targets ?? {},
    quotas: draft.quotas ?? {},
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
  // Doors, grants and keys go by names: whoever governs one project must not take the one that was meant for another.
  if (patch.name !== undefined && patch.name !== old.name) authorize(who, 'project.create')
  // Whoever governs one project must not open the network around the server to it, or take what others have.
  if (changes(patch.targets, old.targets) || changes(patch.quotas, old.quotas))
    authorize(who, 'project.limit')
  checkRules(ctx, patch.targets)
  if (old.id === DEFAULT_PROJECT_ID && patch.name !== undefined && patch.name !== old.name) {
    throw new AppError('in_use', 'The default project keeps its name.')
  }
  const project: Project = {
    ...old,
    name: patch.name ?? old.name,
    description: patch.description === undefined ? old.description : patch.description,
    keep: patch.keep ?? old.keep,
    targets: patch.targets ?? old.targets,
    quotas: patch.quotas ?? old.quotas,
    version: old.version + 1,
    updatedAt: ctx.clock.now(),
  }
  const about = { projectId: project.id, subject: project.id, detail: changed(old, project, patch) }
  if (!(await audited(ctx, who, as, about, () => ctx.store.projects.update(project)))) {
    const now = await findProject(ctx, who, old.id)
    throw now.version === old.version ? projectNameTaken(project.name) : changedMeanwhile(now.version)
  }
  ctx.projects.forget(project.id)
  return project
}

function changes(wanted: object | undefined, old: object): boolean {
  return wanted !== undefined && !isDeepStrictEqual(wanted, old)
}

/** What is set by whoever runs the server is written down as it is from now on. */
function changed(
  old: Project,
  now: Project,
  patch: Partial<ProjectDraft>,
): Readonly<Record<string, unknown>> {
  return {
    fields: Object.keys(patch),
    ...(changes(now.targets, old.targets) ? { targets: now.targets } : {}),
    ...(changes(now.quotas, old.quotas) ? { quotas: now.quotas } : {}),
  }
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

function checkRules(ctx: Context, rules: TargetRules = {}): void {
  const problems = new Problems()
  for (const list of ['allow', 'deny'] as const) {
    rules[list]?.forEach((rule, n) => {
      const detail = ctx.refusalOfRule(rule)
      if (detail !== null) problems.add(`/targets/${list}/${n}`, 'target_rule', detail)
    })
  }
  problems.throwIfAny()
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
