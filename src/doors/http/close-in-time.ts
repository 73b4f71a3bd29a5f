// A server that closes lets answers under way come to their end, but does not wait for clients that take none of them.

import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Context } from '../../commands/context.ts'
import { connectionOf } from './aside/lane.ts'
import { HTTP_SERVER_LIMITS } from './limits.ts'

/** Counted here, because a server that listens on "localhost" has two addresses and closes only one of them itself. */
export function closeInTime(app: FastifyInstance, clock: Context['clock']): void {
  const open = new Set<Socket>()
  let emptied = (): void => {}
  let cancel = (): void => {}
  app.addHook('onRequest', (request, _reply, done) => {
    const socket = connectionOf(request.raw.socket)
    if (socket instanceof Socket && !open.has(socket) && !socket.destroyed) {
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        if (open.size === 0) emptied()
      })
    }
    done()
  })
  app.addHook('preClose', (done) => {
    cancel = clock.after(HTTP_SERVER_LIMITS.closeGraceMs, () => {
      app.server.closeAllConnections()
      for (const socket of open) socket.destroy()
    })
    done()
  })
  app.addHook('onClose', async () => {
    if (open.size > 0) await new Promise<void>((resolve) => (emptied = resolve))
    cancel()
  })
}
