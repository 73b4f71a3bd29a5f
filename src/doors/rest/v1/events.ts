// Live events over server-sent events.

import { findJob } from '../../../commands/find-job.ts'
import { findProject } from '../../../commands/find-project.ts'
import { Event } from '../../../protocol/event.ts'
import { ANSWERED, type Ask, type Endpoint, endpoint } from '../../http/endpoint.ts'
import { EVENT_STREAM_LIMITS, type RestLimits } from '../../http/limits.ts'
import { type Parameter, text } from '../../http/query.ts'
import { streamEvents, takeOver } from './event-stream.ts'
import { Followers } from './followers.ts'
import type { EventFilter, LiveEvents } from './live-events.ts'
import { rightToStay } from './right-to-stay.ts'

const types: Parameter<readonly string[]> = {
  description: 'Only these types, separated by commas; `run.*` stands for all that begin so. Default: all.',
  schema: { type: 'string', examples: ['run.*,job.created'] },
  repeatable: true,
  read: (values) => {
    const words = values.flatMap((value) => value.split(','))
    const good =
      words.length <= EVENT_STREAM_LIMITS.typesMax &&
      words.every((word) => /^(?:[a-z_]+\.)*(?:[a-z_]+|\*)$/.test(word))
    return good
      ? { value: words }
      : { code: 'format', wrong: 'holds types such as run.succeeded or run.*, separated by commas.' }
  },
}

const QUERY = {
  types,
  job: text('Only events of this job: its id, or its name.'),
  project: text('Only events of this project: its id, or its name.'),
} as const

type Query = { readonly types?: readonly string[]; readonly job?: string; readonly project?: string }

/** `closing` aborts when the server stops: streams must not hold it up. */
export function eventsEndpoint(events: LiveEvents, limits: RestLimits, closing: AbortSignal): Endpoint {
  const followers = new Followers('live events', limits.eventsClientsMax)
  return endpoint({
    method: 'GET',
    path: '/v1/events',
    operationId: 'followEvents',
    tag: 'Events',
    summary: 'Follow live events',
    description:
      'Server-sent events. After a break send `Last-Event-ID` to go on there; where that is no longer known, an event ' +
      'of type `reset` comes first: read the ledger again. Events are hints, the ledger is the truth. Events of jobs ' +
      'need the scope jobs:read too.',
    action: 'event.read',
    query: QUERY,
    replies: {
      200: { description: 'A stream that does not end.', contentType: 'text/event-stream', schema: Event },
    },
    problems: ['not_found', 'overloaded'],
    handle: async (ask) => {
      const filter = await filterOf(ask)
      const stillAllowed = rightToStay(ask)
      const afterId = lastEventId(ask.request.headers['last-event-id'])
      const leave = followers.enter(ask.who)
      const response = takeOver(ask.reply)
      // Not awaited: the answer has begun, and Fastify is done with it.
      void streamEvents({ ctx: ask.ctx, events, response, afterId, filter, stillAllowed, signal: closing })
        .catch(() => response.destroy())
        .finally(leave)
      return ANSWERED
    },
  })
}

async function filterOf({ ctx, who, query }: Ask<unknown, Query>): Promise<EventFilter> {
  const inProject = query.project === undefined ? {} : { project: query.project }
  // Whoever may see runs may name their job, without the right to read its definition.
  const job = query.job === undefined ? null : await findJob(ctx, who, { idOrName: query.job, ...inProject })
  const project = query.project === undefined ? null : await findProject(ctx, who, query.project)
  return { who, types: query.types ?? [], jobId: job?.id ?? null, projectId: project?.id ?? null }
}

function lastEventId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^[\w:.-]{1,128}$/.test(header) ? header : null
}
