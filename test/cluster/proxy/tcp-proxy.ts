// The road between a node and its database, in the hand of the test: cut, silent (half-open), closed in one direction,
// slow, or broken after so many bytes or at a word. It stands in the test's own process, so an order holds at once.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { OneWayPipe } from './one-way-pipe.ts'

/** As a node sees it: `out` is what it sends, `in` is what it receives. */
export type Direction = 'out' | 'in'

type Road = {
  readonly open: boolean
  readonly blocked: { readonly out: boolean; readonly in: boolean }
  readonly delayMs: number
}

/** Breaks the connection that sends the byte, or the word, and is spent. */
type Trap =
  | { readonly kind: 'bytes'; readonly direction: Direction; left: number }
  | { readonly kind: 'word'; readonly direction: Direction; readonly word: string; readonly passes: boolean }

const FREE: Road = { open: true, blocked: { out: false, in: false }, delayMs: 0 }

type Link = { readonly near: Socket; readonly far: Socket; readonly out: OneWayPipe; readonly in: OneWayPipe }

export class TcpProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #links = new Set<Link>()
  readonly #sockets = new Set<Socket>()
  #target: { readonly host: string; readonly port: number }
  #road: Road = FREE
  #traps: { readonly trap: Trap; readonly sprung: () => void }[] = []

  private constructor(server: Server, target: TcpProxy['target']) {
    this.#server = server
    this.#target = target
    server.on('connection', (near) => this.#join(near))
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpProxy(server, target)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get target(): { readonly host: string; readonly port: number } {
    return this.#target
  }

  get connections(): number {
    return this.#links.size
  }

  /** New connections lead there; the old ones stay as they are. */
  lead(target: { readonly host: string; readonly port: number }): void {
    this.#target = target
  }

  /** All connections are reset, new ones too. */
  cut(): void {
    this.#set({ ...FREE, open: false })
    this.reset()
  }

  /** Nothing passes, and nobody is told: both ends believe that the other is silent. */
  silence(): void {
    this.#set({ ...FREE, blocked: { out: true, in: true } })
  }

  /** As a firewall that drops one direction. */
  block(direction: Direction): void {
    this.#set({ ...FREE, blocked: { out: direction === 'out', in: direction === 'in' } })
  }

  /** Everything takes so much longer, each way. */
  slow(delayMs: number): void {
    this.#set({ ...FREE, delayMs })
  }

  /** What was held back goes on its way. */
  heal(): void {
    this.#traps = []
    this.#set(FREE)
  }

  reset(): void {
    for (const link of this.#links) this.#break(link)
  }

  /** Resets the connection over which the nth byte from now goes; it still passes. Resolves when that has happened. */
  resetAfter(bytes: number, direction: Direction = 'out'): Promise<void> {
    return this.#lay({ kind: 'bytes', direction, left: bytes })
  }

  /**
   * Resets the first connection over which `word` goes. `passes`: the other end still gets it, and only the answer is
   * lost. Resolves when that has happened.
   */
  resetAt(word: string, passes: boolean, direction: Direction = 'out'): Promise<void> {
    return this.#lay({ kind: 'word', direction, word, passes })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#set({ ...FREE, open: false })
    this.reset()
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #set(road: Road): void {
    this.#road = road
    for (const link of this.#links) this.#obey(link)
  }

  #obey(link: Link): void {
    const { blocked, delayMs } = this.#road
    link.out.set(blocked.out, delayMs)
    link.in.set(blocked.in, delayMs)
  }

  #join(near: Socket): void {
    this.#remember(near)
    if (!this.#road.open) {
      breakOff(near)
      return
    }
    const far = this.#remember(connect({ ...this.#target, allowHalfOpen: true }))
    const link: Link = {
      near,
      far,
      out: new OneWayPipe(near, far, (chunk) => this.#mayPass(link, 'out', chunk)),
      in: new OneWayPipe(far, near, (chunk) => this.#mayPass(link, 'in', chunk)),
    }
    this.#links.add(link)
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      socket.on('error', () => this.#break(link))
      socket.on('close', () => near.destroyed && far.destroyed && this.#links.delete(link))
    }
    this.#obey(link)
  }

  #remember(socket: Socket): Socket {
    this.#sockets.add(socket)
    return socket.on('close', () => this.#sockets.delete(socket))
  }

  #break(link: Link): void {
    this.#links.delete(link)
    link.out.close()
    link.in.close()
    breakOff(link.near)
    link.far.destroy()
  }

  #lay(trap: Trap): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#traps.push({ trap, sprung: resolve })
    return promise
  }

  #mayPass(link: Link, direction: Direction, chunk: Buffer): boolean {
    for (const laid of this.#traps) {
      const { trap } = laid
      if (trap.direction !== direction) continue
      if (trap.kind === 'bytes') trap.left -= chunk.length
      const isSprung = trap.kind === 'bytes' ? trap.left <= 0 : chunk.includes(trap.word)
      if (!isSprung) continue
      this.#traps = this.#traps.filter((other) => other !== laid)
      if (trap.kind === 'bytes' || trap.passes) this.#passOn(link, direction, chunk)
      else this.#break(link)
      laid.sprung()
      return false
    }
    return true
  }

  /** The near end hears of it at once, the far end when it has got the chunk whole. */
  #passOn(link: Link, direction: Direction, chunk: Buffer): void {
    const to = direction === 'out' ? link.far : link.near
    this.#links.delete(link)
    link.out.close()
    link.in.close()
    to.end(chunk, () => to.destroy())
    const other = direction === 'out' ? link.near : link.far
    breakOff(other)
  }
}

/** With a reset, so that the other end hears of it. One that is just being shut cannot be reset, and would stay open for good. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
