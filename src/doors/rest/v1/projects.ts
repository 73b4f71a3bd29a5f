// Projects: namespaces of jobs and keys.

import {
  createProject,
  deleteProject,
  getProject,
  listProjects,
  updateProject,
} from '../../../commands/projects.ts'
import type { Project } from '../../../domain/project.ts'
import * as protocol from '../../../protocol/project.ts'
import { type Answer, endpoint } from '../../http/endpoint.ts'
import { etag } from '../../http/etag.ts'
import { mergePatch } from '../../http/merge-patch.ts'
import { PAGE_PARAMETERS, pageAnswer, pageRequest } from '../../http/page-reply.ts'
import { bodyCheck } from '../../http/validate/body-check.ts'
import { presentProject } from './present.ts'
import { tellingVersion } from './version-conflict.ts'

const readDraft = bodyCheck(protocol.ProjectDraft)
const PARAMS = { project: 'Id of the project, or its name.' } as const
const ETAG = { ETag: 'The version, for If-Match.' } as const

export const createProjectEndpoint = endpoint({
  method: 'POST',
  path: '/v1/projects',
  operationId: 'createProject',
  tag: 'Projects',
  summary: 'Create a project',
  action: 'project.create',
  body: { schema: protocol.ProjectDraft },
  replies: {
    201: {
      description: 'Created.',
      schema: protocol.Project,
      headers: { ...ETAG, Location: 'Its address.' },
    },
  },
  problems: ['name_taken'],
  handle: async ({ ctx, who, body }) => {
    const project = await createProject(ctx, who, body)
    return shown(201, project, { Location: `/v1/projects/${project.id}` })
  },
})

export const listProjectsEndpoint = endpoint({
  method: 'GET',
  path: '/v1/projects',
  operationId: 'listProjects',
  tag: 'Projects',
  summary: 'List projects',
  action: 'project.read',
  query: PAGE_PARAMETERS,
  replies: { 200: { description: 'A page of projects.', schema: protocol.ProjectPage } },
  handle: async ({ ctx, who, url, query }) =>
    pageAnswer(url, await listProjects(ctx, who, pageRequest(query)), presentProject),
})

export const getProjectEndpoint = endpoint({
  method: 'GET',
  path: '/v1/projects/{project}',
  params: PARAMS,
  operationId: 'getProject',
  tag: 'Projects',
  summary: 'Read a project',
  action: 'project.read',
  replies: { 200: { description: 'The project.', schema: protocol.Project, headers: ETAG } },
  problems: ['not_found'],
  handle: async ({ ctx, who, params }) => shown(200, await getProject(ctx, who, params.project ?? '')),
})

export const updateProjectEndpoint = endpoint({
  method: 'PATCH',
  path: '/v1/projects/{project}',
  params: PARAMS,
  operationId: 'updateProject',
  tag: 'Projects',
  summary: 'Change a project',
  action: 'project.update',
  body: { schema: protocol.ProjectPatch, mergePatch: true, unchecked: true },
  conditional: true,
  replies: { 200: { description: 'Changed.', schema: protocol.Project, headers: ETAG } },
  problems: [
    'not_found',
    'name_taken',
    'version_conflict',
    'invalid_precondition',
    'precondition_required',
    'in_use',
  ],
  handle: async ({ ctx, who, params, body, ifVersion }) => {
    const before = await getProject(ctx, who, params.project ?? '')
    const { name, description, keep, targets, quotas } = before
    const draft = readDraft(mergePatch({ name, description, keep, targets, quotas }, body))
    // What the patch does not name is written back as it was read, a removed rule as none.
    const { keep: kept = {}, targets: reach = {}, quotas: amounts = {} } = draft
    const whole = {
      ...draft,
      description: draft.description ?? null,
      keep: kept,
      targets: reach,
      quotas: amounts,
    }
    const project = await tellingVersion(
      () => updateProject(ctx, who, before.id, whole, ifVersion ?? before.version),
      async () => (await getProject(ctx, who, before.id)).version,
    )
    return shown(200, project)
  },
})

export const deleteProjectEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/projects/{project}',
  params: PARAMS,
  operationId: 'deleteProject',
  tag: 'Projects',
  summary: 'Delete an empty project',
  action: 'project.delete',
  replies: { 204: { description: 'Deleted.' } },
  problems: ['not_found', 'in_use'],
  handle: async ({ ctx, who, params }) => {
    await deleteProject(ctx, who, params.project ?? '')
    return { status: 204 }
  },
})

function shown(status: number, project: Project, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: presentProject(project), headers: { ETag: etag(project.version), ...headers } }
}
