// 100,000 jobs that are due far in the future: how quickly they are created, what they cost while nothing happens,
// and how soon a server is ready again that has them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Carillon, type JobDraft } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, median, number } from './table.ts'

const RSS_MIB = 200
const IDLE_CPU = 0.02
const RESTART_MS = 3_000
const SINGLE_JOBS = 2_000
const SINGLE_LANES = 16
const SETTLE_MS = 5_000

export async function idle(_sink: Sink, scale: Scale): Promise<Line[]> {
  const jobs = scale.quick ? 10_000 : 100_000
  const watchMs = scale.quick ? 5_000 : 30_000
  const dataDir = mkdtempSync(join(tmpdir(), 'carillon-bench-'))
  const options = { args: scale.serverArgs, nodeArgs: scale.nodeArgs, dataDir }
  try {
    const { batchRate, singleRate, afterMib } = await create(options, jobs)
    const restartsMs: number[] = []
    for (let n = 0; n < 3; n += 1) {
      await using again = await Carillon.start(options)
      restartsMs.push(again.startMs)
    }
    await using carillon = await Carillon.start(options)
    const { rssMib, cpu } = await watch(carillon, watchMs)
    const restartMs = median(restartsMs)
    const many = `${number(jobs)} jobs`
    return [
      line(`creating ${many}, 10,000 a request`, '–', `${number(batchRate)}/s`, null),
      line(`creating jobs one a request, ${SINGLE_LANES} at a time`, '–', `${number(singleRate)}/s`, null),
      line(`${many}: memory (RSS), idle`, `≤ ${RSS_MIB} MiB`, `${number(rssMib)} MiB`, rssMib <= RSS_MIB),
      line(`… right after creating them`, '–', `${number(afterMib)} MiB`, null),
      line(`${many}: CPU, idle`, `≤ ${IDLE_CPU * 100} %`, `${(cpu * 100).toFixed(1)} %`, cpu <= IDLE_CPU),
      line(
        `${many}: from start to ready`,
        `≤ ${RESTART_MS / 1_000} s`,
        `${(restartMs / 1_000).toFixed(2)} s`,
        restartMs <= RESTART_MS,
      ),
    ]
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function create(options: { readonly dataDir: string }, jobs: number) {
  await using carillon = await Carillon.start(options)
  await carillon.create(1_000, (n) => draft(`warm-${n}`, n))
  const beganBatch = performance.now()
  await carillon.create(jobs, (n) => draft(`far-${n}`, n))
  const batchRate = (jobs / (performance.now() - beganBatch)) * 1_000

  let next = 0
  const lane = async (): Promise<void> => {
    while (next < SINGLE_JOBS) {
      next += 1
      await carillon.post('/v1/jobs', draft(`single-${next}`, next))
    }
  }
  const beganSingle = performance.now()
  await Promise.all(Array.from({ length: SINGLE_LANES }, lane))
  const singleRate = (SINGLE_JOBS / (performance.now() - beganSingle)) * 1_000
  await wait(SETTLE_MS)
  return { batchRate, singleRate, afterMib: carillon.rssMib() }
}

async function watch(carillon: Carillon, ms: number): Promise<{ rssMib: number; cpu: number }> {
  await wait(SETTLE_MS)
  const cpuBefore = carillon.cpuSeconds()
  const began = performance.now()
  await wait(ms)
  const cpu = (carillon.cpuSeconds() - cpuBefore) / ((performance.now() - began) / 1_000)
  return { rssMib: carillon.rssMib(), cpu }
}

/** A year's worth of days ahead, never during the measurement. */
function draft(name: string, n: number): JobDraft {
  return {
    name,
    schedule: { cron: `${n % 60} ${n % 24} 1 1 *`, timezone: 'Europe/Berlin', from: '2100-01-01T00:00:00Z' },
    target: { http: { url: 'http://127.0.0.1:9/far', method: 'POST', body: { number: n } } },
  }
}
