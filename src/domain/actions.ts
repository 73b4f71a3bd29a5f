// Everything a caller may ask for, and what it takes: a scope, and whether it concerns one project or the whole
// installation. A closed list: what does not stand here cannot be asked for. The words are those of the audit too.

import type { Scope } from './api-key.ts'

export type Rule = {
  /** The scope it takes; `any_key`: every live key; `open`: everybody. */
  readonly needs: Scope | 'any_key' | 'open'
  /** It touches every project, so the key must enter them all. */
  readonly everywhere?: true
}

const everywhere = (needs: Scope): Rule => ({ needs, everywhere: true })

export const ACTIONS = {
  'job.read': { needs: 'jobs:read' },
  'job.create': { needs: 'jobs:write' },
  'job.update': { needs: 'jobs:write' },
  'job.delete': { needs: 'jobs:write' },
  'job.pause': { needs: 'jobs:write' },
  'job.resume': { needs: 'jobs:write' },
  // Who defines what is run is not who runs it.
  'job.trigger': { needs: 'runs:write' },
  // What is to be done with each job is asked for again, job by job.
  'job.bulk': { needs: 'any_key' },
  'schedule.preview': { needs: 'jobs:read' },
  'ledger.read': { needs: 'runs:read' },
  'run.read': { needs: 'runs:read' },
  'run.cancel': { needs: 'runs:write' },
  'run.retry': { needs: 'runs:write' },
  // Agents of a replaced system tell what they did by their own clocks.
  'task.report': { needs: 'runs:write' },
  // By whoever was called: the token of the attempt is asked for, not a key.
  'run.report': { needs: 'open' },
  'log.read': { needs: 'runs:read' },
  'event.read': { needs: 'runs:read' },
  'script.read': { needs: 'jobs:read' },
  'script.upload': { needs: 'jobs:write' },
  'script.delete': { needs: 'jobs:write' },
  'secret.read': { needs: 'jobs:read' },
  'secret.set': { needs: 'admin' },
  'secret.delete': { needs: 'admin' },
  'secret.reseal': everywhere('admin'),
  'callback.read': { needs: 'runs:read' },
  'callback.redeliver': { needs: 'runs:write' },
  'agent.read': { needs: 'runs:read' },
  'agent.drain': { needs: 'admin' },
  'agent.remove': { needs: 'admin' },
  'agent.join': { needs: 'open' },
  'agent.work': { needs: 'agent' },
  'agent.rotate': { needs: 'agent' },
  'agent_token.create': { needs: 'admin' },
  'agent_token.read': { needs: 'admin' },
  'agent_token.end': { needs: 'admin' },
  'project.read': { needs: 'jobs:read' },
  'project.create': everywhere('admin'),
  'project.update': { needs: 'admin' },
  'project.delete': { needs: 'admin' },
  // Whom its jobs may call and how much it may use: not for whoever governs that project alone.
  'project.limit': everywhere('admin'),
  // Whoever comes by a door of a replaced system is in a project, whatever else they ask for there.
  'door_project.enter': { needs: 'any_key' },
  // Clients of some replaced systems make projects with the key they make jobs with.
  'door_project.change': everywhere('jobs:write'),
  'key.create': { needs: 'admin' },
  'key.read': { needs: 'admin' },
  'key.edit': { needs: 'admin' },
  'key.rotate': { needs: 'admin' },
  'key.revoke': { needs: 'admin' },
  'visit.sign_in': { needs: 'open' },
  'visit.read': { needs: 'any_key' },
  'visit.end': { needs: 'any_key' },
  'visit.ticket': { needs: 'any_key' },
  // One's own; an admin those of everybody they govern.
  'visit.list': { needs: 'any_key' },
  'visit.revoke': { needs: 'any_key' },
  'audit.read': everywhere('admin'),
  'settings.read': everywhere('admin'),
  'node.read': everywhere('admin'),
  'node.drain': everywhere('admin'),
  'health.read': { needs: 'open' },
  'health.detail': { needs: 'runs:read' },
  // Counted over all projects.
  'metrics.read': everywhere('runs:read'),
  // Public keys, for whoever is called.
  'token_keys.read': { needs: 'open' },
  'docs.read': { needs: 'open' },
  'page.read': { needs: 'open' },
} as const satisfies Record<string, Rule>

export type Action = keyof typeof ACTIONS

export function ruleOf(action: Action): Rule {
  return ACTIONS[action]
}
