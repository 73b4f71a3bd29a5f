// A listener on this machine that a browser is sent back to, with one answer. The first that comes counts, right or wrong: what
// is wrong with it the terminal says, and then nobody listens any more.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'

/** For a person to find a password. */
const WAIT_MS = 300_000

export type Listening = {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly waitMs?: number
}

export type Question<T> = {
  /** Where `/login` leads; null: there is no such address. */
  readonly leadsTo: string | null
  /** What the browser brought back becomes what was asked for, or throws. */
  exchange(came: URL): Promise<T>
}

/** `ask` is told the address that is listened on, tells the person where to go, and the browser comes back to `/callback`. */
export async function answerByBrowser<T>(
  { host, port, waitMs = WAIT_MS }: Listening,
  ask: (origin: string) => Promise<Question<T>>,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  let question: Question<T> | null = null
  let origin = ''
  let answered = false
  const server = createServer((request, response) => {
    const came = URL.parse(`${origin}${request.url ?? ''}`)
    if (question !== null && came?.pathname === '/callback' && !answered) {
      answered = true
      finish(request, response, came, question).then(resolve, reject)
    } else if (question !== null && question.leadsTo !== null && came?.pathname === '/login') {
      response.writeHead(302, { location: question.leadsTo }).end()
    } else void say(response, 404, 'There is nothing here.')
  })
  const late = setTimeout(() => {
    const waited = waitMs < 60_000 ? `${waitMs / 1_000} seconds` : `${waitMs / 60_000} minutes`
    reject(new CliError(EXIT.waitTimedOut, `Nobody signed in within ${waited}.`))
  }, waitMs)
  try {
    origin = `http://${host}:${await listening(server, host, port)}`
    question = await ask(origin)
    return await promise
  } finally {
    clearTimeout(late)
    server.close()
    server.closeAllConnections()
  }
}

async function listening(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (error) =>
    reject(
      new CliError(EXIT.failure, `http://${host}:${port} cannot be listened on: ${error.message}`, {
        hint: 'The browser comes back there. Is another login under way?',
        cause: error,
      }),
    ),
  )
  server.listen(port, host, resolve)
  await promise
  return (server.address() as AddressInfo).port
}

async function finish<T>(
  request: IncomingMessage,
  response: ServerResponse,
  came: URL,
  { exchange }: Question<T>,
): Promise<T> {
  try {
    if (request.method !== 'GET') throw new Error('the browser did not come back by a GET')
    const answer = await exchange(came)
    await say(response, 200, 'You are signed in. This page can be closed.')
    return answer
  } catch (error) {
    await say(response, 400, 'That did not work; the terminal says why. This page can be closed.')
    if (error instanceof CliError) throw error
    throw new CliError(EXIT.auth, `The provider gave no token: ${reasonOf(error)}`, { cause: error })
  }
}

function say(response: ServerResponse, status: number, text: string): Promise<void> {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  })
  // Whoever has left does not hear it.
  return new Promise((resolve) => response.once('close', resolve).end(`${text}\n`, () => resolve()))
}

export function reasonOf(error: unknown): string {
  const { message, cause, error_description: said } = error as Error & { error_description?: unknown }
  if (typeof said === 'string') return said
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
