// The wall clock of a running server is stepped an hour forward and an hour back. Time goes on for everyone else: the
// sink and this test keep their clocks. Needs libfaketime.

import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { CarillonClient } from '../../src/sdk/index.ts'
import { faketimeLibrary } from '../cluster/cast/stepped-clock.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { Folder } from '../support/folder.ts'
import { checkLedger } from '../support/ledger-check.ts'
import { ServerProcess } from '../support/server-process.ts'
import { SinkProcess } from '../support/sink-process.ts'
import { readStored } from '../support/stored.ts'
import { until } from '../support/until.ts'

const LIBRARY = faketimeLibrary()
const MISSING = 'libfaketime is not installed (Debian: apt-get install libfaketime)'
const HOUR = 3_600_000

/** Where it matters it must not be left out in silence. */
const skip = LIBRARY === null && process.env.CI !== 'true' ? MISSING : false

class SteppedClock {
  readonly #file: string
  #offsetMs = 0

  constructor(file: string) {
    this.#file = file
    this.#write()
  }

  get env(): Record<string, string> {
    return {
      LD_PRELOAD: LIBRARY!,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
    }
  }

  step(ms: number): void {
    this.#offsetMs += ms
    this.#write()
  }

  /** Whole at every moment: the server looks at it all the time. */
  #write(): void {
    writeFileSync(`${this.#file}.new`, `${this.#offsetMs < 0 ? '' : '+'}${this.#offsetMs / 1_000}s\n`)
    renameSync(`${this.#file}.new`, this.#file)
  }
}

type Stage = {
  readonly clock: SteppedClock
  readonly sink: SinkProcess
  readonly client: CarillonClient
  readonly dataDir: string
  /** The server's own idea of now. */
  now(): Promise<number>
  /** Ends the server and gives all faults of what it leaves behind, for these jobs. */
  faults(names: readonly string[]): Promise<string[]>
}

async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  assert.ok(LIBRARY !== undefined, MISSING)
  using folder = new Folder()
  const clock = new SteppedClock(folder.file('faketime'))
  await using sink = await SinkProcess.start(folder.file('sink.jsonl'))
  const dataDir = folder.file('data')
  await using server = await ServerProcess.start({ dataDir, env: clock.env })
  const { client } = server
  await client.jobs.create({ name: 'probe', schedule: {}, target: { http: { url: `${sink.url}/probe` } } })
  await play({
    clock,
    sink,
    client,
    dataDir,
    async now() {
      return Date.parse((await client.jobs.trigger('probe')).createdAt)
    },
    async faults(names) {
      assert.equal((await server.stop()).code, 0, server.log)
      const { jobs, damage, attempts } = await readStored(dataDir)
      assert.deepEqual(damage, [])
      const faults = names.flatMap((name) => {
        const { job, ...ledger } = jobs.get(name)!
        const due = everyFrom(job.createdAt, 1_000, job.createdAt, job.plannedThrough)
        return checkLedger(due, ledger).map((fault) => `${name}: ${fault}`)
      })
      const lost = [...attempts.values()].flat().filter(({ outcome }) => outcome === 'lost')
      return [...faults, ...lost.map(({ runId }) => `lost: ${runId}`), ...rungTwice(sink)]
    },
  })
}

function rungTwice(sink: SinkProcess): string[] {
  const seen = new Set<string>()
  return sink.rung().flatMap(({ jobName, dueAt, runId }) => {
    const key = jobName === 'probe' ? runId : `${jobName} ${new Date(dueAt).toISOString()}`
    const twice = seen.has(key)
    seen.add(key)
    return twice ? [`rang twice: ${key}`] : []
  })
}

async function pulse(
  { client, sink }: Stage,
  name: string,
  catchUp: 'none' | 'latest' | 'all',
): Promise<void> {
  await client.jobs.create({
    name,
    schedule: { every: '1s' },
    target: { http: { url: `${sink.url}/ok` } },
    policy: { catchUp: { mode: catchUp, max: 50 }, overlap: 'allow' },
  })
}

/** So many more rings of a job than there are now. */
async function ringsOn({ sink }: Stage, name: string, count: number): Promise<void> {
  const rings = (): number => sink.rung().filter(({ jobName }) => jobName === name).length
  const before = rings()
  await until(`${name} rings ${count} times more`, 15_000, () => rings() >= before + count)
}

test('an hour forward: it rings on, the hour in between is caught up as the jobs say, nothing twice', {
  skip,
}, async () => {
  await onStage(async (stage) => {
    for (const mode of ['none', 'latest', 'all'] as const) await pulse(stage, mode, mode)
    await ringsOn(stage, 'all', 2)
    const before = await stage.now()
    stage.clock.step(HOUR)
    assert.ok((await stage.now()) - before >= HOUR, 'the clock was not stepped')
    for (const name of ['none', 'latest', 'all']) await ringsOn(stage, name, 3)
    assert.deepEqual(await stage.faults(['none', 'latest', 'all']), [])
    const { jobs } = await readStored(stage.dataDir)
    const missed = (name: string): number => jobs.get(name)!.gaps.reduce((sum, { count }) => sum + count, 0)
    assert.ok(missed('none') >= 3_595 && missed('latest') >= 3_590 && missed('all') >= 3_540)
  })
})

test('an hour back: what has rung does not ring again; new work rings at once, and the old goes on in its time', {
  skip,
}, async () => {
  await onStage(async (stage) => {
    await pulse(stage, 'old', 'all')
    await ringsOn(stage, 'old', 2)
    const before = await stage.now()
    stage.clock.step(-HOUR)
    assert.ok((await stage.now()) - before <= -HOUR + 60_000, 'the clock was not stepped')
    await pulse(stage, 'new', 'all')
    await ringsOn(stage, 'new', 3)
    assert.equal(
      stage.sink.rung().some(({ jobName, at, dueAt }) => jobName === 'old' && dueAt < at - HOUR),
      false,
      'an instant of the hour that came twice rang again',
    )
    stage.clock.step(HOUR)
    await ringsOn(stage, 'old', 3)
    assert.deepEqual(await stage.faults(['old']), [])
  })
})

for (const step of [HOUR, -HOUR]) {
  test(`${step > 0 ? 'forward' : 'back'} while a call is under way: it stays ours, ends once and is told once`, {
    skip,
  }, async () => {
    await onStage(async (stage) => {
      const { client, sink, clock } = stage
      await client.jobs.create({
        name: 'slow',
        schedule: {},
        target: { http: { url: `${sink.url}/slow/2500` } },
        callback: { url: `${sink.url}/heard` },
      })
      const { id } = await client.jobs.trigger('slow')
      await until('the call has arrived', 5_000, () => sink.rung().some(({ runId }) => runId === id))
      clock.step(step)
      const run = await client.runs.wait(id, { timeoutMs: 20_000 })
      assert.equal(run.status, 'succeeded')
      assert.deepEqual(
        run.attempts.map(({ outcome }) => outcome),
        ['ok'],
      )
      await until('it is told', 5_000, () => sink.told().some(({ runId }) => runId === id))
      assert.deepEqual(await stage.faults([]), [])
      assert.equal(sink.told().length, 1)
    })
  })
}
