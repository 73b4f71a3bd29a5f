// Where a taskscheduler server hands over its tasks: one address, one method. Whoever may call it may start commands here, and
// its callers know no keys; so it listens on this machine, or says from which addresses callers come, and no web page
// is one.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, BlockList } from 'node:net'
import { GatheredBytes } from '../../domain/gathered-bytes.ts'
import {
  type AgentTask,
  FREQUENCY_HINT,
  frequencyDuration,
  TASK_PATHS,
  TASK_TEXT_MAX,
} from '../../protocol/taskscheduler.ts'

export const TASK_LISTENER_LIMITS = {
  bodyBytesMax: 4 * TASK_TEXT_MAX,
  connectionsMax: 100,
  headerBytesMax: 16_384,
  requestTimeoutMs: 10_000,
  taskIdMax: 200,
} as const

export type TaskListenerOptions = {
  /** Addresses that may call. */
  readonly callers: BlockList
  /** false: there are too many tasks already. */
  readonly accept: (task: AgentTask) => Promise<boolean>
  readonly onError: (error: unknown) => void
}

class Refused extends Error {
  readonly status: number
  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

export class TaskListener implements AsyncDisposable {
  readonly #options: TaskListenerOptions
  readonly #server: Server

  constructor(options: TaskListenerOptions) {
    const { headerBytesMax, requestTimeoutMs, connectionsMax } = TASK_LISTENER_LIMITS
    this.#options = options
    this.#server = createServer(
      { maxHeaderSize: headerBytesMax, requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
      (request, response) => void this.#answer(request, response),
    )
    this.#server.maxConnections = connectionsMax
  }

  async listen(address: { readonly host: string; readonly port: number }): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen(address.port, address.host, resolve)
    await promise
    this.#server.off('error', reject)
    return this.#server.address() as AddressInfo
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    await promise
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#refuseStrangers(request)
      const task = readTask(await readBody(request))
      if (!(await this.#options.accept(task)))
        throw new Refused(503, 'This agent has as many tasks as it can keep.')
      response.writeHead(200).end()
    } catch (error) {
      // Who left in the middle hears nothing.
      if (request.errored !== null) return void response.destroy()
      if (!(error instanceof Refused)) this.#options.onError(error)
      const { status, detail } =
        error instanceof Refused
          ? { status: error.status, detail: error.message }
          : { status: 500, detail: 'Something went wrong here; the log of this agent says what.' }
      request.resume()
      response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' })
      response.end(JSON.stringify({ error: detail }))
    }
  }

  #refuseStrangers({ socket, headers, method, url }: IncomingMessage): void {
    const { remoteAddress = '', remoteFamily } = socket
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(remoteAddress)?.[1]
    const family = mapped !== undefined || remoteFamily === 'IPv4' ? 'ipv4' : 'ipv6'
    if (!this.#options.callers.check(mapped ?? remoteAddress, family)) {
      throw new Refused(
        403,
        'This agent takes no tasks from this address. It names its callers with --callers.',
      )
    }
    if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
      throw new Refused(403, 'Web pages hand over no tasks.')
    }
    if (url?.split('?', 1)[0] !== TASK_PATHS.schedule)
      throw new Refused(404, `There is ${TASK_PATHS.schedule} here.`)
    if (method !== 'POST') throw new Refused(405, 'Send a task by POST.')
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const { bodyBytesMax } = TASK_LISTENER_LIMITS
  const body = new GatheredBytes()
  // Left open, so that who sends too much still hears so.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    body.add(part)
    if (body.length > bodyBytesMax) throw new Refused(413, `A task has at most ${bodyBytesMax} bytes.`)
  }
  try {
    return JSON.parse(body.bytes().toString('utf8'))
  } catch {
    throw new Refused(400, 'The body is not JSON.')
  }
}

function readTask(body: unknown): AgentTask {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refused(400, 'A task is an object with task_id, command and frequency.')
  }
  const { task_id, command, frequency } = body as Record<string, unknown>
  const { taskIdMax } = TASK_LISTENER_LIMITS
  if (typeof task_id !== 'string' || task_id === '' || task_id.length > taskIdMax) {
    throw new Refused(400, `"task_id" is a text of 1 to ${taskIdMax} characters.`)
  }
  if (typeof command !== 'string' || command.trim() === '' || command.length > TASK_TEXT_MAX) {
    throw new Refused(400, '"command" is a text: a program and its arguments.')
  }
  if (typeof frequency !== 'string' || frequencyDuration(frequency) === null) {
    throw new Refused(400, `"frequency" ${FREQUENCY_HINT}.`)
  }
  return { task_id, command, frequency }
}
