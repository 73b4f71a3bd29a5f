// What the jobs of these tests call: an answer at once, or none until it is told to.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Target = AsyncDisposable & {
  readonly url: string
  /** What `/says` answers with. */
  saying: string
}

export async function openTarget(): Promise<Target> {
  const target = { saying: 'pong' }
  const server = createServer((request, response) => {
    if (request.url === '/hangs') return
    if (request.url === '/fails') response.statusCode = 500
    response.end(target.saying)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(target, {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
