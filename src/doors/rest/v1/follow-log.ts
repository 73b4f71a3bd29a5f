// The logs of a run over server-sent events, as they grow.

import { followLogs } from '../../../commands/log/follow-log.ts'
import { LOG_LIMITS } from '../../../domain/log/run-log.ts'
import { LogEvent } from '../../../protocol/log.ts'
import { ANSWERED, type Endpoint, endpoint } from '../../http/endpoint.ts'
import type { RestLimits } from '../../http/limits.ts'
import { integer } from '../../http/query.ts'
import { takeOver } from './event-stream.ts'
import { Followers } from './followers.ts'
import { placesOf, streamLog } from './log-stream.ts'
import { RUN_PARAMS, streamsOf, WHICH, whichLog } from './logs.ts'
import { rightToStay } from './right-to-stay.ts'

export function followLogEndpoint(limits: RestLimits, closing: AbortSignal): Endpoint {
  const followers = new Followers('logs', limits.eventsClientsMax)
  return endpoint({
    method: 'GET',
    path: '/v1/runs/{run}/log/stream',
    params: RUN_PARAMS,
    operationId: 'followLog',
    tag: 'Logs',
    summary: 'Follow the logs of a run',
    description:
      'Server-sent events: what there is, then what comes, over all attempts and parts unless one is named, until the run ' +
      'has ended (`end`). After a break send `Last-Event-ID` to go on there: nothing is told twice, nothing is left out.',
    action: 'log.read',
    query: {
      ...WHICH,
      tail: integer(
        'Begin with so many of the last lines of each log. Left out: all of them.',
        0,
        LOG_LIMITS.pageLinesMax,
        0,
      ),
    },
    replies: {
      200: {
        description: 'A stream that ends with the run.',
        contentType: 'text/event-stream',
        schema: LogEvent,
      },
    },
    problems: ['not_found', 'overloaded'],
    handle: async (ask) => {
      const { ctx, who, params, query, request, reply } = ask
      const ended = new AbortController()
      const wanted = {
        ...whichLog(query),
        ...streamsOf(query),
        ...(query.tail === undefined ? {} : { tail: query.tail }),
        places: placesOf(request.headers['last-event-id']),
      }
      const signal = AbortSignal.any([closing, ended.signal])
      const leave = followers.enter(who)
      try {
        const news = await followLogs(ctx, who, params.run ?? '', wanted, signal)
        const stillAllowed = rightToStay(ask)
        const response = takeOver(reply)
        // Not awaited: the answer has begun, and Fastify is done with it.
        void streamLog({ ctx, news, response, stillAllowed, ended })
          .catch(() => response.destroy())
          .finally(leave)
        return ANSWERED
      } catch (error) {
        leave()
        throw error
      }
    },
  })
}
