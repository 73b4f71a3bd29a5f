// Runs under way whose logs are written by hand: chunks in one line, what is read of them as text.

import { appendLog, type LogReceipt } from '../../src/commands/log/append-log.ts'
import type { LineQuery } from '../../src/commands/log/log-lines.ts'
import { readLog, readLogText, type WhichLog } from '../../src/commands/log/read-log.ts'
import type { Principal } from '../../src/domain/api-key.ts'
import { frameHead, type LogStream } from '../../src/domain/log/log-frame.ts'
import type { Work } from '../../src/ports/store.ts'
import { World } from '../contracts/world.ts'
import { type House, openHouse } from '../rest/house.ts'

export const READER: Principal = { id: 'key_1', name: 'reader', scopes: ['runs:read'], projectIds: null }
export const AT = Date.UTC(2027, 0, 1)

export type Said = readonly [stream: LogStream, text: string | Uint8Array]

export function frames(...said: readonly Said[]): Uint8Array {
  return Buffer.concat(
    said.flatMap(([stream, text]) => {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text
      return [frameHead(stream, AT, bytes.length), bytes]
    }),
  )
}

export type Ref = {
  readonly runId: string
  readonly attempt: number
  readonly part: number
  readonly fence: number
}

export function refOf({ run, attempt }: Work, part = 0): Ref {
  return { runId: run.id, attempt: attempt.number, part, fence: run.fence }
}

export class LogWorld implements AsyncDisposable {
  readonly house: House
  readonly world: World

  private constructor(house: House, world: World) {
    this.house = house
    this.world = world
  }

  static async open(parts: Parameters<typeof openHouse>[0] = {}): Promise<LogWorld> {
    const house = await openHouse(parts)
    const world = await World.around(house.store, house.ctx.chance)
    world.now = house.clock.now()
    return new LogWorld(house, world)
  }

  append(ref: Ref, sequence: number, ...said: readonly Said[]): Promise<LogReceipt> {
    return appendLog(this.house.ctx, { ...ref, sequence, frames: frames(...said) })
  }

  async lines(runId: string, query: Partial<LineQuery> = {}, which: WhichLog = {}): Promise<string[]> {
    const page = await readLog(this.house.ctx, READER, runId, which, { limit: 500, ...query })
    return page.items.map(({ line, stream, bytes, open }) => {
      return `${line} ${stream}: ${Buffer.from(bytes)}${open ? '…' : ''}`
    })
  }

  async text(
    runId: string,
    query: Parameters<typeof readLogText>[4] = {},
    which: WhichLog = {},
  ): Promise<string> {
    const { content } = await readLogText(this.house.ctx, READER, runId, which, query)
    const parts: Uint8Array[] = []
    for await (const part of content) parts.push(part)
    return Buffer.concat(parts).toString()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]()
  }
}
