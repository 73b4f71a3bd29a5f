import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AGENT_LIMITS } from '../domain/agent.ts'
import type { Held } from '../ports/agent-store.ts'
import type { Work } from '../ports/work.ts'
import { AgentLife } from './agent-life.ts'
import type { AgentLine, Offered } from './agent-line.ts'
import { ResultSpool } from './result-spool.ts'

const NOTHING: Offered = { works: [], stop: [], draining: false }

const work = (runId: string, fence: number): Work =>
  ({ run: { id: runId, fence }, attempt: { number: fence } }) as unknown as Work

const refusal = (code: string): Error => Object.assign(new Error(code), { code })

/** A life whose other end is played by hand: each request waits until it is answered. */
class Stage implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'life-'))
  readonly taken: Work[] = []
  readonly dropped: string[] = []
  readonly ends: string[] = []
  readonly opened: (readonly Held[])[] = []
  readonly stopping: (readonly string[])[] = []
  holding: Held[] = []
  free = 1
  beat: AgentLine['beat'] = async () => ({ stop: [], gone: [] })
  lease: AgentLine['lease'] = async () => NOTHING
  report: AgentLine['report'] = async () => undefined
  readonly spool = new ResultSpool(this.folder)
  readonly life = new AgentLife({
    line: {
      open: async ({ held }) => {
        this.opened.push(held)
        return { sessionId: `ses_${this.opened.length}`, name: 'one', leaseMs: 30_000, attached: held }
      },
      lease: (sessionId, request, signal) => {
        this.stopping.push(request.stopping)
        return this.lease(sessionId, request, signal)
      },
      beat: (sessionId, held, news) => this.beat(sessionId, held, news),
      report: (sessionId, reports) => this.report(sessionId, reports),
      close: async () => undefined,
      script: async () => null,
      appendLog: async () => undefined,
      sealLog: async () => undefined,
    },
    clock: { now: () => 0, monotonic: () => 0, after: () => () => undefined },
    spool: this.spool,
    about: { hostname: 'h', pid: 1, version: '1', labels: {}, slots: 1 },
    nudge: { beat() {}, poll() {} },
    onOpen: () => undefined,
    onEnd: (reason) => this.ends.push(reason),
  })

  constructor() {
    this.life.connect({
      free: () => this.free,
      take: (works) => this.taken.push(...works),
      drop: (ids) => this.dropped.push(...ids),
      dropAttempts: (attempts) => {
        const here = attempts.filter((one) =>
          this.holding.some(({ runId, fence }) => runId === one.runId && fence === one.fence),
        )
        this.dropped.push(...here.map(({ runId }) => runId))
      },
      setDraining: () => undefined,
      holding: () => this.holding,
    })
  }

  /** The first session ends, and a second one is opened. */
  async anew(): Promise<void> {
    const { beat } = this
    this.beat = () => Promise.reject(refusal('session_ended'))
    await this.life.beatTick()
    this.beat = beat
    await this.life.beatTick()
    assert.equal(this.opened.length, 2)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}

async function begun(): Promise<Stage> {
  const stage = new Stage()
  await stage.life.beatTick()
  return stage
}

test('an attempt that is gone is stopped; a later one of the same run is not', async () => {
  using stage = await begun()
  stage.holding = [{ runId: 'a', fence: 1 }]
  stage.beat = async (_, held) => {
    // While the beat is under way the attempt ends, is retried, and comes here again.
    stage.holding = [{ runId: 'a', fence: 2 }]
    return { stop: [], gone: held }
  }
  await stage.life.beatTick()
  assert.deepEqual(stage.dropped, [])
  stage.beat = async (_, held) => ({ stop: [], gone: held })
  await stage.life.beatTick()
  assert.deepEqual(stage.dropped, ['a'])
})

test('what has ended is not said to be stopping for ever', async () => {
  using stage = await begun()
  stage.holding = [{ runId: 'a', fence: 1 }]
  stage.lease = async () => ({ ...NOTHING, stop: ['a', 'never-arrived'] })
  await stage.life.pollTick()
  stage.lease = async () => NOTHING
  await stage.life.pollTick()
  assert.deepEqual(stage.stopping.at(-1), ['a', 'never-arrived'])
  await stage.life.beatTick()
  await stage.life.pollTick()
  assert.deepEqual(stage.stopping.at(-1), ['a'])
  // It is reported, and gone by the time the beat that named it is answered.
  stage.beat = async (_, held) => {
    await stage.life.report([{ work: work('a', 1), outcome: { kind: 'ok' }, endedAt: 0 }])
    stage.holding = []
    return { stop: [], gone: held }
  }
  await stage.life.beatTick()
  await stage.life.pollTick()
  assert.deepEqual(stage.stopping.at(-1), [])
})

test('no more is asked for than can be named as held', async () => {
  using stage = await begun()
  stage.free = 3
  const asked: number[] = []
  stage.lease = async (_, { slots }) => {
    asked.push(slots)
    return NOTHING
  }
  const held = (count: number): Held[] =>
    Array.from({ length: count }, (_, n) => ({ runId: `${n}`, fence: 1 }))
  for (const count of [0, AGENT_LIMITS.heldMax - 2, AGENT_LIMITS.heldMax]) {
    stage.holding = held(count)
    await stage.life.pollTick()
  }
  assert.deepEqual(asked, [3, 2, 0])
})

test('an answer to an earlier session says nothing about the present one', async () => {
  using stage = await begun()
  const answer = Promise.withResolvers<Offered>()
  stage.lease = () => answer.promise
  const poll = stage.life.pollTick()
  await stage.anew()
  answer.resolve({ works: [work('a', 1)], stop: ['b'], draining: true })
  await poll
  assert.deepEqual([stage.taken, stage.dropped], [[], []])
})

test('that an earlier session was superseded by the present one ends nothing', async () => {
  using stage = await begun()
  const answer = Promise.withResolvers<Offered>()
  stage.lease = () => answer.promise
  const poll = stage.life.pollTick()
  await stage.anew()
  answer.reject(refusal('session_superseded'))
  await poll
  assert.deepEqual(stage.ends, [])
  stage.lease = () => Promise.reject(refusal('session_superseded'))
  await stage.life.pollTick()
  assert.deepEqual(stage.ends, ['session_superseded'])
})

test('a result that cannot be told as it is holds up neither the others nor its run', async () => {
  using stage = await begun()
  const told: string[] = []
  stage.report = async (_, reports) => {
    if (reports.some(({ outcome }) => 'message' in outcome && outcome.message.includes('\0'))) {
      throw refusal('invalid')
    }
    told.push(...reports.map(({ runId, outcome }) => JSON.stringify({ runId, ...outcome })))
  }
  const failed = { kind: 'error', code: 'exit', message: 'a\0b', reached: 'yes' } as const
  await stage.life.report([
    { work: work('a', 1), outcome: { kind: 'ok' }, endedAt: 0 },
    { work: work('b', 1), outcome: failed, endedAt: 0 },
    { work: work('c', 1), outcome: { kind: 'ok' }, endedAt: 0 },
  ])
  const message = 'its result could not be told as it was'
  assert.deepEqual(
    told.toSorted().map((text) => JSON.parse(text)),
    [
      { runId: 'a', kind: 'ok' },
      { runId: 'b', ...failed, message },
      { runId: 'c', kind: 'ok' },
    ],
  )
  assert.equal(stage.spool.isEmpty, true)
})

test('a report that was refused in an earlier session is told in the present one', async () => {
  using stage = await begun()
  const answer = Promise.withResolvers<void>()
  stage.report = () => answer.promise
  const told = stage.life.report([{ work: work('a', 1), outcome: { kind: 'ok' }, endedAt: 0 }])
  // It is on the disk before it is told.
  while (stage.spool.isEmpty) await new Promise(setImmediate)
  stage.report = () => Promise.reject(new Error('away'))
  await stage.anew().catch(() => undefined)
  answer.reject(refusal('session_superseded'))
  await assert.rejects(told)
  assert.deepEqual(stage.ends, [])
  const sessions: string[] = []
  stage.report = async (sessionId) => void sessions.push(sessionId)
  await stage.life.beatTick()
  assert.deepEqual(sessions, ['ses_2'])
  assert.equal(stage.spool.isEmpty, true)
})

test('what attempts tell of themselves goes with the beat, until it was heard, and while they go on', async () => {
  using stage = await begun()
  stage.holding = [{ runId: 'a', fence: 1 }]
  const told: unknown[] = []
  const heard: AgentLine['beat'] = async (_, __, news) => {
    told.push(news)
    return { stop: [], gone: [] }
  }
  stage.life.hear(work('a', 1), { progress: 0.1, message: 'one' })
  stage.life.hear(work('a', 1), { progress: 0.2 })
  stage.life.hear(work('over', 1), { progress: 0.9 })
  stage.beat = async () => {
    // Said while the beat is under way, and newer than what is put back.
    stage.life.hear(work('a', 1), { progress: 0.3, extendMs: 60_000 })
    throw new Error('the server is away')
  }
  await assert.rejects(stage.life.beatTick())
  stage.beat = heard
  await stage.life.beatTick()
  await stage.life.beatTick()
  assert.deepEqual(told, [[{ runId: 'a', fence: 1, progress: 0.3, message: 'one', extendMs: 60_000 }], []])

  // An older server that does not know of it, or a word it does not take: the beats go on.
  stage.life.hear(work('a', 1), { message: 'odd' })
  stage.beat = () => Promise.reject(refusal('invalid'))
  await assert.rejects(stage.life.beatTick())
  stage.beat = heard
  await stage.life.beatTick()
  assert.deepEqual(told.at(-1), [])
})
