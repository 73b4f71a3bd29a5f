import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readFrames } from '../domain/log/log-frame.ts'
import type { Clock } from '../ports/clock.ts'
import type { Work } from '../ports/work.ts'
import type { LogLine } from './agent-line.ts'
import { LogSpool } from './log-spool.ts'

const WORK = { run: { id: 'run_1', fence: 1 }, attempt: { number: 1 } } as unknown as Work

/** Nobody waits: what is to happen later happens next. */
const clock: Clock = {
  now: () => 0,
  monotonic: () => 0,
  after: (_, callback) => {
    const waiting = setImmediate(callback)
    return () => clearImmediate(waiting)
  },
}

/** Numbers that are the same for a seed. */
function diceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A server that takes each chunk once and in order, and whose answers are lost or refused by the dice. */
class Server implements LogLine {
  readonly chunks: Uint8Array[] = []
  readonly sealed = Promise.withResolvers<number>()
  readonly #dice: () => number

  /** Does it let a chunk wait for the one it follows? Older servers do not. */
  readonly #holds: boolean
  /** Chunks that came while the one before them was on its way. */
  early = 0

  /** 1: every second chunk has trouble on its way. */
  readonly #risk: number

  constructor(dice: () => number, holds: boolean, risk: number) {
    this.#dice = dice
    this.#risk = risk
    this.#holds = holds
  }

  async appendLog(_: unknown, sequence: number, frames: Uint8Array, early: boolean): Promise<void> {
    await this.#road()
    if (sequence > this.chunks.length) this.early += 1
    for (let turn = 0; this.#holds && early && turn < 40 && sequence > this.chunks.length; turn += 1) {
      await new Promise(setImmediate)
    }
    if (sequence > this.chunks.length) throw Object.assign(new Error('a gap'), { code: 'log_gap' })
    if (sequence === this.chunks.length) this.chunks.push(Uint8Array.from(frames))
    await this.#road()
  }

  async sealLog(_: unknown, chunks: number): Promise<void> {
    await this.#road()
    if (chunks !== this.chunks.length) throw Object.assign(new Error('a gap'), { code: 'log_gap' })
    this.sealed.resolve(chunks)
  }

  get text(): string {
    return Buffer.concat(
      this.chunks.flatMap((chunk) => [...readFrames(chunk)].map(({ bytes }) => bytes)),
    ).toString()
  }

  /** Of several the last may arrive first. */
  async #road(): Promise<void> {
    for (let turn = this.#dice() * 4; turn > 0; turn -= 1) await new Promise(setImmediate)
    const fate = this.#dice() / this.#risk
    if (fate < 0.15) throw new Error('nobody answers')
    if (fate < 0.2)
      throw Object.assign(new Error('a newer session of this agent'), { code: 'session_superseded' })
    if (fate < 0.25) throw Object.assign(new Error('the session has ended'), { code: 'session_ended' })
  }
}

/** Much at once is sent several chunks at a time. */
const SIZES = { little: 60_000, much: 1_500_000 } as const
let early = 0

for (const [seed, size, holds] of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((n) => [
  [n, 'little', true] as const,
  [n, 'much', n % 2 === 0] as const,
])) {
  test(`on a road that breaks every byte arrives, and nothing is left on the disk, seed ${seed}, ${size}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spool-'))
    const dice = diceOf(seed)
    const server = new Server(dice, holds, size === 'much' ? 0.1 : 1)
    const givenUp: unknown[] = []
    const spool = new LogSpool({
      folder,
      line: server,
      clock,
      bytesMax: 6_000_000,
      onGivenUp: (_, error) => givenUp.push(error),
    })
    const sink = spool.open(WORK)
    let written = ''
    for (let n = 0; n < 60; n += 1) {
      const text = `${n} `.repeat(Math.ceil(dice() ** 4 * SIZES[size]))
      written += text
      await sink.write('stdout', Buffer.from(text))
      for (let turn = dice() * 20; turn > 0; turn -= 1) await new Promise(setImmediate)
    }
    await sink.end()
    assert.deepEqual(givenUp, [])
    await server.sealed.promise
    assert.equal(server.text === written, true, `${server.text.length} bytes of ${written.length}`)
    while (readdirSync(folder).length > 0) await new Promise(setImmediate)
    spool.close()
    rmSync(folder, { recursive: true })
    assert.equal(existsSync(folder), false)
    early += server.early
  })
}

test('chunks were on their way together in these', () => assert.ok(early > 4, `${early} early chunks`))
