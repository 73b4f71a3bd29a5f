// Bytes on a wire, as they are: for what no HTTP client would send.

import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { House } from './house.ts'

export async function listen(house: House): Promise<number> {
  await house.app.listen({ port: 0, host: '127.0.0.1' })
  return (house.app.server.address() as AddressInfo).port
}

/** Sends `parts` one after the other, and gives back all there is until the other end closes. */
export async function exchange(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
  })
  // The other end may close while we still write.
  socket.on('error', () => {})
  for (const part of parts) if (!socket.destroyed) socket.write(part)
  await once(socket, 'close')
  return text
}

export type RawReply = { readonly status: number; readonly headers: string; readonly body: string }

export function parseReply(text: string): RawReply {
  const end = text.indexOf('\r\n\r\n')
  const headers = text.slice(0, end)
  return { status: Number(headers.split(' ')[1]), headers, body: text.slice(end + 4) }
}

/** Collects what comes in until something is in it. */
export function collector(socket: Socket): { text: string; until(part: string | RegExp): Promise<string> } {
  const state = {
    text: '',
    async until(part: string | RegExp): Promise<string> {
      while (!(typeof part === 'string' ? state.text.includes(part) : part.test(state.text))) {
        await Promise.race([
          once(socket, 'data'),
          once(socket, 'close').then(() => {
            throw new Error(`closed before ${part}: ${state.text}`)
          }),
        ])
      }
      return state.text
    },
  }
  socket.on('data', (bytes) => {
    state.text += bytes.toString()
  })
  socket.on('error', () => {})
  return state
}
