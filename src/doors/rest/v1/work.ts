// The run protocol of agents: a session, and in it lease, beat and report.

import { appendAgentLog, sealAgentLog } from '../../../commands/agent-log.ts'
import { readAgentScript } from '../../../commands/agent-script.ts'
import { closeSession, openSession } from '../../../commands/agent-session.ts'
import { beat, leaseOrWait, reportForSession } from '../../../commands/agent-work.ts'
import { type Leased, LeaseWait } from '../../../commands/lease-pools.ts'
import type { Leaving } from '../../../commands/waiting-agents.ts'
import { LOG_LIMITS } from '../../../domain/log/run-log.ts'
import * as protocol from '../../../protocol/work.ts'
import { setAside } from '../../http/aside/serve-aside.ts'
import { ANSWERED, type Answer, type Endpoint, endpoint } from '../../http/endpoint.ts'
import { HttpProblem } from '../../http/http-problem.ts'
import { heldOf, newsOf, presentHeld, presentLeased, reportOf } from './present-work.ts'

const PARAMS = { session: 'Id of the session.' } as const
const LOG_PROBLEMS = ['fence_stale', 'log_gap', 'log_sealed'] as const
const ENDED = ['not_found', 'session_superseded', 'session_ended'] as const

/** `closing` aborts when the server stops: whoever waits for work is let go. */
export function workEndpoints(closing: AbortSignal): Endpoint[] {
  return [
    openSessionEndpoint,
    leaseEndpoint(closing),
    beatEndpoint,
    appendLogEndpoint,
    sealLogEndpoint,
    readScriptEndpoint,
    reportEndpoint,
    closeSessionEndpoint,
  ]
}

const openSessionEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/self/sessions',
  operationId: 'openSession',
  tag: 'Agents',
  summary: 'Open a session as an agent',
  description:
    'Ends the older session of the same agent. What is named in `held` and is its own still goes over.',
  action: 'agent.work',
  body: { schema: protocol.SessionRequest, batch: true },
  replies: { 201: { description: 'Opened.', schema: protocol.Session } },
  handle: async ({ ctx, who, body }) => {
    const opened = await openSession(ctx, who, { ...body, held: body.held.map(heldOf) })
    const { sessionId, agent, leaseMs, attached } = opened
    const { id, name, labels } = agent
    const reply = {
      session: sessionId,
      agent: { id, name, labels },
      leaseMs,
      attached: attached.map(presentHeld),
    }
    return { status: 201, body: reply }
  },
})

/** Who waits for work, until it hangs up or the server stops. */
class Leaver implements Leaving {
  aborted = false
  #listener: (() => void) | null = null

  readonly leave = (): void => {
    this.aborted = true
    this.#listener?.()
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listener = listener
  }

  removeEventListener(): void {
    this.#listener = null
  }
}

function leasedAnswer(leased: Leased): Answer {
  return { status: 200, body: presentLeased(leased) }
}

function leaseEndpoint(closing: AbortSignal): Endpoint {
  const leavers = new Set<Leaver>()
  closing.addEventListener('abort', () => {
    for (const leaver of leavers) leaver.leave()
  })
  return endpoint({
    method: 'POST',
    path: '/v1/agents/self/sessions/{session}/lease',
    params: PARAMS,
    operationId: 'leaseWork',
    tag: 'Agents',
    summary: 'Lease work, or wait for some',
    description:
      'Answers as soon as there is work for a free slot, or something to stop; else after `waitMs` with nothing.',
    action: 'agent.work',
    body: { schema: protocol.LeaseRequest },
    replies: { 200: { description: 'What there is.', schema: protocol.Leased } },
    problems: [...ENDED],
    handle: async ({ ctx, who, params, body, request, reply }) => {
      const { slots, waitMs = 0, stopping = [] } = body
      const wanted = { sessionId: params.session ?? '', slots, waitMs, stopping }
      const found = await leaseOrWait(ctx, who, wanted)
      if (!(found instanceof LeaseWait)) return leasedAnswer(found)
      if (!closing.aborted && setAside(request, reply, found, leasedAnswer)) return ANSWERED
      const { socket } = request.raw
      const leaving = new Leaver()
      leavers.add(leaving)
      socket.once('close', leaving.leave)
      if (closing.aborted || socket.destroyed) leaving.leave()
      try {
        return leasedAnswer(await found.until(leaving))
      } finally {
        socket.off('close', leaving.leave)
        leavers.delete(leaving)
      }
    },
  })
}

const beatEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/self/sessions/{session}/beat',
  params: PARAMS,
  operationId: 'beat',
  tag: 'Agents',
  summary: 'Say what goes on',
  action: 'agent.work',
  body: { schema: protocol.BeatRequest, batch: true },
  replies: { 200: { description: 'What is to stop, and what is no longer its own.', schema: protocol.Beat } },
  problems: [...ENDED],
  handle: async ({ ctx, who, params, body }) => {
    const news = body.news?.map(newsOf) ?? []
    const { stop, gone } = await beat(ctx, who, params.session ?? '', body.held.map(heldOf), news)
    return { status: 200, body: { stop: [...stop], gone: gone.map(presentHeld) } }
  },
})

const LOG_PARAMS = {
  ...PARAMS,
  run: 'Id of the run.',
  attempt: 'Number of the attempt.',
  part: 'Number of the part, from 0.',
  fence: 'Fence of the attempt.',
} as const
const LOG_PATH = '/v1/agents/self/sessions/{session}/logs/{run}/{attempt}/{part}/{fence}'

const appendLogEndpoint = endpoint({
  method: 'POST',
  path: `${LOG_PATH}/chunks/{sequence}`,
  params: { ...LOG_PARAMS, sequence: 'Number of the chunk, from 0.' },
  operationId: 'appendLog',
  tag: 'Agents',
  summary: 'Send a chunk of a log',
  description:
    'Chunks come in order. One that comes again is taken once. With `Prefer: wait=<seconds>` one that arrives before the one ' +
    `it follows waits for that, up to ${LOG_LIMITS.holdMaxMs / 1_000} s, so that up to ${LOG_LIMITS.aheadMax} may be sent at ` +
    'the same time. A chunk is a row of frames, each of a head of 11 bytes (stream, time, length) and what was written.',
  action: 'agent.work',
  body: { schema: protocol.LogFrames, binary: { bytesMax: LOG_LIMITS.chunkBytesMax } },
  replies: { 200: { description: 'It is durable.', schema: protocol.LogReceipt } },
  problems: [...ENDED, ...LOG_PROBLEMS],
  handle: async ({ ctx, who, params, body, request }) => {
    const chunk = { ...logOf(params), sequence: numberOf(params, 'sequence'), frames: body }
    const holdMs = waitOf(request.headers['prefer']) * 1_000
    return { status: 200, body: await appendAgentLog(ctx, who, params.session ?? '', chunk, holdMs) }
  },
})

/** Seconds, of RFC 7240; what is not understood is not preferred. */
function waitOf(prefer: string | string[] | undefined): number {
  const found = /(?:^|[,;])\s*wait\s*=\s*(\d{1,9})\s*(?:$|[,;])/i.exec(String(prefer ?? ''))
  return Number(found?.[1] ?? 0)
}

const sealLogEndpoint = endpoint({
  method: 'POST',
  path: `${LOG_PATH}/seal`,
  params: LOG_PARAMS,
  operationId: 'sealLog',
  tag: 'Agents',
  summary: 'Say that a log is complete',
  action: 'agent.work',
  body: { schema: protocol.LogSeal },
  replies: { 204: { description: 'It is sealed.' } },
  problems: [...ENDED, ...LOG_PROBLEMS],
  handle: async ({ ctx, who, params, body }) => {
    await sealAgentLog(ctx, who, params.session ?? '', { ...logOf(params), chunks: body.chunks })
    return { status: 204 }
  },
})

const readScriptEndpoint = endpoint({
  method: 'GET',
  path: '/v1/agents/self/sessions/{session}/scripts/{run}/{fence}',
  params: { ...PARAMS, run: 'Id of the run.', fence: 'Fence of the attempt.' },
  operationId: 'readWorkScript',
  tag: 'Agents',
  summary: 'Fetch the script of an attempt',
  description: 'Only of attempts it holds. Check its SHA-256 before it is executed.',
  action: 'agent.work',
  replies: { 200: { description: 'The bytes.', contentType: 'application/octet-stream' } },
  problems: [...ENDED],
  handle: async ({ ctx, who, params }) => {
    const held = { runId: params['run'] ?? '', fence: numberOf(params, 'fence') }
    const content = await readAgentScript(ctx, who, params.session ?? '', held)
    return { status: 200, body: Buffer.from(content), contentType: 'application/octet-stream' }
  },
})

function logOf(params: Readonly<Record<string, string>>) {
  return {
    runId: params['run'] ?? '',
    attempt: numberOf(params, 'attempt'),
    part: numberOf(params, 'part'),
    fence: numberOf(params, 'fence'),
  }
}

function numberOf(params: Readonly<Record<string, string>>, name: string): number {
  const text = params[name] ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new HttpProblem('not_found', `"${text.slice(0, 40)}" is no number of a ${name}.`)
}

const reportEndpoint = endpoint({
  method: 'POST',
  path: '/v1/agents/self/sessions/{session}/report',
  params: PARAMS,
  operationId: 'reportWork',
  tag: 'Agents',
  summary: 'Report how attempts have ended',
  description: 'May be repeated: what has counted once does not count again.',
  action: 'agent.work',
  body: { schema: protocol.ReportRequest, batch: true },
  replies: { 200: { description: 'Which of them counted.', schema: protocol.ReportReply } },
  problems: [...ENDED],
  handle: async ({ ctx, who, params, body }) => {
    const counted = await reportForSession(ctx, who, params.session ?? '', body.reports.map(reportOf))
    return { status: 200, body: { counted: [...counted] } }
  },
})

const closeSessionEndpoint = endpoint({
  method: 'DELETE',
  path: '/v1/agents/self/sessions/{session}',
  params: PARAMS,
  operationId: 'closeSession',
  tag: 'Agents',
  summary: 'End a session',
  description: 'What it still holds is given up at once.',
  action: 'agent.work',
  replies: { 204: { description: 'Ended.' } },
  problems: [...ENDED],
  handle: async ({ ctx, who, params }) => {
    await closeSession(ctx, who, params.session ?? '')
    return { status: 204 }
  },
})
