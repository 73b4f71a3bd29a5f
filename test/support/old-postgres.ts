// What a PostgreSQL of another version says when it is greeted, and nothing more. Enough of the protocol to be told apart:
// https://www.postgresql.org/docs/current/protocol-flow.html

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'

const AUTHENTICATION_OK = message('R', Buffer.from([0, 0, 0, 0]))
const READY = message('Z', Buffer.from('I'))

export class OldPostgres implements AsyncDisposable {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(version: string): Promise<OldPostgres> {
    const greeting = message('S', Buffer.from(`server_version\0${version}\0`))
    const server = createServer((socket) => {
      socket.on('error', () => {})
      // To whatever else it is asked it stays silent.
      socket.once('data', () => socket.write(Buffer.concat([AUTHENTICATION_OK, greeting, READY])))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new OldPostgres(server)
  }

  get url(): string {
    return `postgres://carillon@127.0.0.1:${(this.#server.address() as AddressInfo).port}/carillon`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    await Promise.resolve()
  }
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}
