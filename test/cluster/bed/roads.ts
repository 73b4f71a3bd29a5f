// All roads from one node to its store, one for each member of the pair: what happens to one happens to all.

import type { PostgresMember } from '../cast/postgres-member.ts'
import { TcpProxy } from '../proxy/tcp-proxy.ts'

export class Roads implements AsyncDisposable {
  readonly all: readonly TcpProxy[]

  private constructor(all: readonly TcpProxy[]) {
    this.all = all
  }

  static async to(members: readonly PostgresMember[]): Promise<Roads> {
    return new Roads(
      await Promise.all(members.map(({ port }) => TcpProxy.start({ host: '127.0.0.1', port }))),
    )
  }

  each(what: (road: TcpProxy) => void): void {
    for (const road of this.all) what(road)
  }

  /** The store's address as the node has it. */
  url(user: string, database: string): string {
    return `postgres://${user}@${this.all.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${database}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((road) => road[Symbol.asyncDispose]()))
  }
}
