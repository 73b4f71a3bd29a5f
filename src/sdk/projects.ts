// Projects: namespaces of jobs and keys.

import type { Project, ProjectDraft, ProjectPage, ProjectPatch } from '../protocol/project.ts'
import type { CallOptions, EditOptions } from './client-options.ts'
import { everyItem, type PageQuery } from './pages.ts'
import { segment } from './query.ts'
import type { Transport } from './transport.ts'

export class ProjectsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Makes a project. Never sent a second time by itself. */
  create(draft: ProjectDraft, options: CallOptions = {}): Promise<Project> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/projects', body: draft, once: true })
  }

  /** One page of projects. */
  list(query: PageQuery = {}, options: CallOptions = {}): Promise<ProjectPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/projects', query })
  }

  /** All projects, page after page. */
  all(query: PageQuery = {}, options: CallOptions = {}): AsyncGenerator<Project, void, undefined> {
    return everyItem(query, (page) => this.list(page, options))
  }

  /** A project by name or id. */
  get(project: string, options: CallOptions = {}): Promise<Project> {
    return this.#transport.call({ ...options, method: 'GET', path: `/v1/projects/${segment(project)}` })
  }

  /** Changes what is given, leaves the rest. */
  patch(project: string, patch: ProjectPatch, options: EditOptions = {}): Promise<Project> {
    const path = `/v1/projects/${segment(project)}`
    return this.#transport.call({ ...options, method: 'PATCH', path, body: patch })
  }

  /** Deletes an empty project. */
  delete(project: string, options: CallOptions = {}): Promise<void> {
    return this.#transport.call({ ...options, method: 'DELETE', path: `/v1/projects/${segment(project)}` })
  }
}
