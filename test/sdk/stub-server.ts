// A small real HTTP server that answers what a test tells it to, and remembers what it was asked.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export type Answer = {
  readonly status?: number
  readonly json?: unknown
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Cuts the connection instead of answering. */
  readonly cut?: boolean
  /** Takes the answer over: for streams. */
  readonly by?: (response: ServerResponse) => void
}

export type Answering = (asked: Asked, count: number) => Answer

export type StubServer = AsyncDisposable & { readonly url: string; readonly asked: Asked[] }

export async function startStubServer(answer: Answering): Promise<StubServer> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub')
    const one: Asked = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    asked.push(one)
    send(response, answer(one, asked.length))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer.by !== undefined) return answer.by(response)
  if (answer.cut === true) {
    response.destroy()
    return
  }
  const text = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json))
  const status = answer.status ?? 200
  const type = status >= 400 ? 'application/problem+json' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...answer.headers })
  response.end(text)
}

export function problem(
  status: number,
  code: string,
  detail: string,
  errors: readonly unknown[] = [],
): Answer {
  return { status, json: { status, code, detail, title: detail, requestId: 'req_1', errors } }
}
