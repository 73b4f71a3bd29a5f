// The addresses of scheduler0: /v1 in snake_case, as its document has them, and /api/v1 in camelCase, as its later ones.

import type { TSchema } from 'typebox'
import Type from 'typebox'
import type { Action } from '../../../domain/actions.ts'
import type { Answer } from '../../http/endpoint.ts'
import type { CompatAsk, CompatDoor, CompatRoute } from '../compat-door.ts'
import * as tasks from './async-tasks.ts'
import * as credentials from './credentials.ts'
import { refused } from './envelope.ts'
import * as executions from './executions.ts'
import { healthcheck } from './healthcheck.ts'
import type { Scheduler0Settings } from './job-words.ts'
import * as jobs from './jobs.ts'
import { SYSTEM } from './numbers.ts'
import * as projects from './projects.ts'
import type { Words } from './words.ts'

const Anything = Type.Unknown()

export function scheduler0Door(settings: Scheduler0Settings): CompatDoor {
  return {
    system: SYSTEM,
    credentials: { shown: credentials.shownSecret, belongs: credentials.isPair },
    routes: [
      ...routesBelow('/v1', 'snake', settings),
      ...routesBelow('/api/v1', 'camel', settings),
      // Its Location headers left the prefix out.
      route('GET', '/async-tasks/{requestId}', 'job.read', (ask) => tasks.getTask(ask, 'snake')),
    ],
    refuse: refused,
  }
}

type Handle = (ask: CompatAsk<never>) => Promise<Answer> | Answer

function route(
  method: CompatRoute['method'],
  path: string,
  action: Action,
  handle: Handle,
  body?: TSchema,
): CompatRoute {
  return { method, path, action, handle, ...(body === undefined ? {} : { body }) }
}

function routesBelow(base: string, words: Words, settings: Scheduler0Settings): CompatRoute[] {
  const { SentProject } = projects
  return [
    route(
      'POST',
      `${base}/projects`,
      'door_project.change',
      (ask) => projects.create(ask, words),
      SentProject,
    ),
    route('GET', `${base}/projects`, 'project.read', (ask) => projects.list(ask, words)),
    route('GET', `${base}/projects/{id}`, 'project.read', (ask) => projects.getOne(ask, words)),
    route(
      'PUT',
      `${base}/projects/{id}`,
      'door_project.change',
      (ask) => projects.update(ask, words),
      SentProject,
    ),
    route('DELETE', `${base}/projects/{id}`, 'door_project.change', projects.remove),
    {
      ...route('POST', `${base}/jobs`, 'job.create', (ask) =>
        jobs.createMany(ask, settings, `${base}/async-tasks`),
      ),
      body: Anything,
      batch: true,
    },
    route('GET', `${base}/jobs`, 'job.read', (ask) => jobs.list(ask, words)),
    route('GET', `${base}/jobs/{id}`, 'job.read', (ask) => jobs.getOne(ask, words)),
    route('PUT', `${base}/jobs/{id}`, 'job.update', (ask) => jobs.update(ask, words), Anything),
    route('DELETE', `${base}/jobs/{id}`, 'job.delete', jobs.remove),
    route('POST', `${base}/credentials`, 'key.create', (ask) => credentials.create(ask, words)),
    route('GET', `${base}/credentials`, 'key.read', (ask) => credentials.list(ask, words)),
    route('GET', `${base}/credentials/{id}`, 'key.read', (ask) => credentials.getOne(ask, words)),
    route('PUT', `${base}/credentials/{id}`, 'key.revoke', (ask) => credentials.update(ask, words), Anything),
    route('DELETE', `${base}/credentials/{id}`, 'key.revoke', credentials.remove),
    route('GET', `${base}/async-tasks/{requestId}`, 'job.read', (ask) => tasks.getTask(ask, words)),
    route('GET', `${base}/executions`, 'run.read', (ask) => executions.list(ask, words)),
    route('GET', `${base}/execution-logs`, 'run.read', (ask) => executions.list(ask, words)),
    route('GET', `${base}/healthcheck`, 'health.read', healthcheck),
  ]
}
