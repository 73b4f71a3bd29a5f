// The message that carries one attempt to its worker, and the one that asks the worker to stop.

import { isOwnHeader } from '../../domain/check-message-target.ts'
import { finishesByStatus, type MessageTarget } from '../../domain/message-target.ts'
import { fillIn, hasPlaces } from '../../domain/template.ts'
import type { BusMessage } from '../../ports/message-bus.ts'
import type { Work } from '../../ports/store.ts'
import { type Body, bodyOf, jsonBody } from '../request-body.ts'
import { dueAtText, traceParent } from '../run-headers.ts'
import { workFacts } from '../work-facts.ts'
import { STATUS_QUEUE, STOP_EXCHANGE } from './bus-names.ts'
import { actionAddress, simpleRunId } from './simple-scheduler.ts'

export function runMessage(target: MessageTarget, work: Work): BusMessage {
  if (target.protocol !== undefined) return simpleMessage(target, work, 'run')
  const { bytes, contentType } = bodyFor(target, work)
  const key = target.routingKey ?? ''
  return {
    exchange: target.exchange ?? '',
    routingKey: target.queue ?? (hasPlaces(key) ? String(fillIn(key, workFacts(work)) ?? '') : key),
    ...about(target, work),
    body: bytes,
    contentType,
    ...(finishesByStatus(target) ? { replyTo: STATUS_QUEUE } : {}),
  }
}

/** Workers listen there for the runs they have. */
export function stopMessage(target: MessageTarget, work: Work): BusMessage {
  if (target.protocol !== undefined) return simpleMessage(target, work, 'cancel')
  const { run, attempt } = work
  const word = { runId: run.id, attempt: attempt.number, fence: run.fence }
  const { bytes, contentType } = jsonBody(JSON.stringify(word))
  return {
    exchange: STOP_EXCHANGE,
    routingKey: run.id,
    id: `${run.id}.${run.fence}.stop`,
    headers: {},
    body: bytes,
    contentType,
  }
}

function simpleMessage(target: MessageTarget, work: Work, action: 'run' | 'cancel'): BusMessage {
  const { jobName, id } = work.run
  const runId = simpleRunId(id, work.attempt.number)
  const { bytes, contentType } = jsonBody(JSON.stringify({ jobName, runId, action }))
  const facts = about(target, work)
  const messageId = action === 'run' ? facts.id : `${facts.id}.stop`
  return { ...actionAddress(jobName), ...facts, id: messageId, body: bytes, contentType }
}

function bodyFor(target: MessageTarget, work: Work): Body {
  const { params } = work.run
  // What a manual trigger sent along stands in for the body.
  if (params !== null && params !== undefined) return bodyOf(params)
  if (target.body === undefined) return jsonBody(JSON.stringify(factsOf(work)))
  return bodyOf(hasPlaces(target.body) ? (fillIn(target.body, workFacts(work)) ?? null) : target.body)
}

/** What is said of a run when its job says nothing else. */
function factsOf({ run, attempt }: Work): Readonly<Record<string, unknown>> {
  return {
    runId: run.id,
    job: run.jobName,
    jobId: run.jobId,
    projectId: run.projectId,
    trigger: run.trigger,
    dueAt: dueAtText(run.dueAt),
    late: run.late,
    attempt: attempt.number,
    fence: run.fence,
  }
}

function about(target: MessageTarget, { run, attempt }: Work): Pick<BusMessage, 'id' | 'headers'> {
  const own = Object.entries(target.headers ?? {}).filter(([name]) => !isOwnHeader(name))
  return {
    id: `${run.id}.${run.fence}`,
    headers: {
      ...Object.fromEntries(own),
      'Carillon-Run-Id': run.id,
      'Carillon-Job-Id': run.jobId,
      'Carillon-Job-Name': run.jobName,
      'Carillon-Attempt': attempt.number,
      'Carillon-Due-At': dueAtText(run.dueAt),
      'Carillon-Fence': run.fence,
      'Carillon-Trigger': run.trigger,
      traceparent: traceParent(run.id, attempt.number),
      ...(run.late ? { 'Carillon-Late': true } : {}),
    },
  }
}
