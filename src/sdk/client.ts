// The client: one object, its groups named after the nouns of the API.

import { AgentsGroup } from './agents.ts'
import { AuditGroup } from './audit.ts'
import { CallbacksGroup } from './callbacks.ts'
import type { ClientOptions } from './client-options.ts'
import { EventsGroup } from './events.ts'
import { HealthGroup } from './health.ts'
import { JobsGroup } from './jobs.ts'
import { KeysGroup } from './keys.ts'
import { LogsGroup } from './logs.ts'
import { NodesGroup } from './nodes.ts'
import { OverviewGroup } from './overview.ts'
import { ProjectsGroup } from './projects.ts'
import { RunsGroup } from './runs.ts'
import { SchedulesGroup } from './schedules.ts'
import { ScriptsGroup } from './scripts.ts'
import { SecretsGroup } from './secrets.ts'
import { SettingsGroup } from './settings.ts'
import { Transport } from './transport.ts'
import { VisitGroup } from './visit.ts'
import { WorkGroup } from './work.ts'

export type CarillonClient = {
  /** The address of the server. */
  readonly url: string
  readonly jobs: JobsGroup
  readonly runs: RunsGroup
  readonly logs: LogsGroup
  readonly scripts: ScriptsGroup
  readonly secrets: SecretsGroup
  readonly schedules: SchedulesGroup
  readonly projects: ProjectsGroup
  readonly keys: KeysGroup
  readonly callbacks: CallbacksGroup
  readonly agents: AgentsGroup
  /** What agents say to the server. */
  readonly work: WorkGroup
  readonly audit: AuditGroup
  readonly nodes: NodesGroup
  readonly events: EventsGroup
  readonly visit: VisitGroup
  readonly overview: OverviewGroup
  readonly settings: SettingsGroup
  readonly health: HealthGroup
}

/**
 * A client of one Carillon server. Holds no connection and needs no closing.
 *
 * @example
 * const carillon = createClient({ url: 'http://127.0.0.1:8080', apiKey })
 * await carillon.jobs.create({
 *   name: 'ping',
 *   schedule: { every: '30s' },
 *   target: { http: { url: 'https://example.com/ping' } },
 * })
 * const run = await carillon.jobs.trigger('ping')
 * console.log((await carillon.runs.wait(run.id)).status)
 */
export function createClient(options: ClientOptions): CarillonClient {
  const transport = new Transport(options)
  return {
    url: transport.url,
    jobs: new JobsGroup(transport),
    runs: new RunsGroup(transport),
    logs: new LogsGroup(transport),
    scripts: new ScriptsGroup(transport),
    secrets: new SecretsGroup(transport),
    schedules: new SchedulesGroup(transport),
    projects: new ProjectsGroup(transport),
    keys: new KeysGroup(transport),
    callbacks: new CallbacksGroup(transport),
    agents: new AgentsGroup(transport),
    work: new WorkGroup(transport),
    audit: new AuditGroup(transport),
    nodes: new NodesGroup(transport),
    events: new EventsGroup(transport),
    visit: new VisitGroup(transport),
    overview: new OverviewGroup(transport),
    settings: new SettingsGroup(transport),
    health: new HealthGroup(transport),
  }
}
