// Works, guards and servers for the tests of outgoing calls. Servers listen on loopback and close with the test.

import { createServer, type RequestListener, type Server } from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'
import type { TestContext } from 'node:test'
import { type AddressPolicy, createAddressGuard } from '../../src/dispatch/address-guard.ts'
import { createHttpDispatcher, type HttpDispatcherOptions } from '../../src/dispatch/http-dispatcher.ts'
import type { Lookup } from '../../src/dispatch/shared-lookup.ts'
import type { JobSpec } from '../../src/domain/job.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { PolicySpec } from '../../src/domain/policy.ts'
import type { HttpTarget } from '../../src/domain/target.ts'
import type { Chance } from '../../src/ports/chance.ts'
import type { Work } from '../../src/ports/store.ts'
import { systemClock } from '../support/system-clock.ts'

let ids = 0
export const chance: Chance = {
  id(prefix) {
    ids += 1
    return `${prefix}_${String(ids).padStart(26, '0')}`
  },
  random: () => 0.5,
  hex: (bytes) => '0'.repeat(2 * bytes),
}

export const OPEN: AddressPolicy = { allowPrivate: true, allow: [], deny: [] }
export const CLOSED: AddressPolicy = { allowPrivate: false, allow: [], deny: [] }
export const never = new AbortController().signal

export function specOf(http: HttpTarget, policy: PolicySpec = {}, name = 'nightly-report'): JobSpec {
  return {
    name,
    description: null,
    labels: {},
    schedule: {},
    target: { http },
    policy,
    callback: null,
  } as JobSpec
}

export type WorkChanges = {
  readonly run?: Partial<Work['run']>
  readonly attempt?: Partial<Work['attempt']>
  readonly policy?: PolicySpec
}

export function workOf(http: HttpTarget | JobSpec, changes: WorkChanges = {}): Work {
  const spec = 'target' in http ? http : specOf(http, changes.policy)
  return {
    run: {
      id: chance.id('run'),
      projectId: 'prj_1',
      jobId: 'job_00000000000000000000000007',
      jobName: spec.name,
      jobVersion: 1,
      trigger: 'schedule',
      dueAt: Date.UTC(2027, 0, 31, 2, 30),
      late: false,
      attempts: 1,
      fence: 7,
      createdAt: 0,
      startedAt: 0,
      message: null,
      params: null,
      status: 'running',
      lease: { nodeId: 'nod_1', fence: 7, leasedAt: 0 },
      ...changes.run,
    } as Work['run'],
    spec,
    attempt: { number: 1, cause: 'first', startedAt: 0, ...changes.attempt },
  }
}

export type DispatcherChanges = Partial<HttpDispatcherOptions> & {
  readonly policy?: AddressPolicy
  readonly lookup?: Lookup
}

export function dispatcherFor(t: TestContext, changes: DispatcherChanges = {}) {
  const { policy = OPEN, lookup, ...options } = changes
  const dispatcher = createHttpDispatcher({
    clock: systemClock,
    chance,
    guard: createAddressGuard(policy, lookup),
    userAgent: 'carillon-test',
    ...options,
  })
  t.after(() => dispatcher[Symbol.asyncDispose]())
  return dispatcher
}

export async function httpServer(
  t: TestContext,
  listener: RequestListener,
): Promise<{ url: string; server: Server }> {
  const server = createServer(listener)
  await listen(t, server)
  t.after(() => server.closeAllConnections())
  return { url: `http://127.0.0.1:${portOf(server)}`, server }
}

/** A server of bare bytes, with every socket it ever got. */
export async function tcpServer(
  t: TestContext,
  listener: (socket: Socket) => void,
): Promise<{ url: string; port: number; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    listener(socket)
    // Unread bytes would hide that the other end has gone.
    socket.resume()
  })
  t.after(() => {
    for (const socket of sockets) socket.destroy()
  })
  await listen(t, server)
  return { url: `http://127.0.0.1:${portOf(server)}`, port: portOf(server), sockets }
}

export async function listen(t: TestContext, server: TcpServer, port = 0, host = '127.0.0.1'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  t.after(() => server.close())
}

export function portOf(server: TcpServer): number {
  return (server.address() as AddressInfo).port
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

export type ErrorOutcome = Extract<Outcome, { kind: 'error' }>

export function asError(outcome: Outcome): ErrorOutcome {
  if (outcome.kind !== 'error') throw new Error(`expected an error, got ${JSON.stringify(outcome)}`)
  return outcome
}

export function asOk(outcome: Outcome) {
  if (outcome.kind !== 'ok') throw new Error(`expected ok, got ${JSON.stringify(outcome)}`)
  return outcome.response!
}

/** Resolves when this end of the connection is closed, in whatever manner. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })
}
