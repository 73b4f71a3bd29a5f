// The drill: two servers on a primary and its synchronous standby, writers who never rest. The primary is killed, the
// standby promoted; nothing that was acknowledged may be missing, and writes must soon be taken again. Then the old
// primary comes back as if nothing had happened, and must be left alone.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { ServerProcess } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'
import type { PostgresMember } from '../cast/postgres-member.ts'
import { PostgresPair } from '../cast/postgres-pair.ts'
import { type Acknowledged, Writers } from './writers.ts'

const DATABASE = 'carillon'
const SERVERS = 2
const WRITERS = 4
/** Written at least so much before the primary is killed, and after. */
const WARM = 40
/** In every so many rounds a server has to look for its store anew, with the old primary back. */
const RESTART_EVERY = 5
const RUNNING_AGAIN_WITHIN_MS = 30_000

export type DrillFigures = {
  readonly acknowledged: number
  readonly lost: number
  /** From the kill to the first write that was acknowledged after it: the middle, and the longest. */
  readonly backP50Ms: number
  readonly backMaxMs: number
  /** Old primaries that came back and took a write of a server. */
  readonly oldPrimariesWrittenTo: number
  readonly faults: readonly string[]
}

type Options = { readonly rounds: number; readonly say?: (line: string) => void }

export async function failoverDrill({ rounds, say = () => {} }: Options): Promise<DrillFigures> {
  await using parts = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'carillon-drill-'))
  parts.defer(() => rmSync(folder, { recursive: true, force: true }))
  const pair = parts.use(await PostgresPair.start())
  await pair.database(DATABASE)
  const hosts = pair.members.map(({ port }) => `127.0.0.1:${port}`).join(',')
  const store = `postgres://carillon@${hosts}/${DATABASE}`
  const start = (n: number): Promise<ServerProcess> =>
    ServerProcess.start({ dataDir: join(folder, `s${n}`), args: ['--store', store] })
  const servers: ServerProcess[] = []
  for (let n = 0; n < SERVERS; n += 1) servers.push(parts.use(await start(n)))

  const faults: string[] = []
  const back: number[] = []
  let acknowledged = 0
  let lost = 0
  let oldPrimariesWrittenTo = 0
  for (let round = 1; round <= rounds; round += 1) {
    const writers = new Writers(() => servers.map(({ url }) => url), WRITERS, `round-${round}`)
    const written = (count: number) =>
      until('writes are taken', RUNNING_AGAIN_WITHIN_MS, () => writers.acknowledged.length >= count)
    await written(WARM)
    const fallen = pair.primary
    const killedAt = Date.now()
    await pair.failOver()
    await until('writes are taken again', RUNNING_AGAIN_WITHIN_MS, () =>
      writers.acknowledged.some(({ at }) => at > killedAt + 1),
    )
    await written(writers.acknowledged.length + WARM)
    back.push(firstAfter(writers.acknowledged, killedAt) - killedAt)

    // It does not know that it was replaced, and takes whatever it is given.
    await fallen.start({ synchronous_standby_names: '' })
    const before = await lastWrite(fallen)
    if (round % RESTART_EVERY === 1) {
      const restarted = Math.floor(round / RESTART_EVERY) % SERVERS
      await servers[restarted]!.kill()
      servers[restarted] = parts.use(await start(restarted))
    }
    await written(writers.acknowledged.length + WARM)
    await writers.stop()
    if ((await lastWrite(fallen)) !== before) {
      oldPrimariesWrittenTo += 1
      faults.push(`round ${round}: the old primary was written to when it came back`)
    }
    const missing = await missingFrom(pair, writers.acknowledged)
    acknowledged += writers.acknowledged.length
    lost += missing.length
    faults.push(...missing.map((name) => `round ${round}: ${name} was acknowledged and is gone`))
    say(
      `round ${round}: ${writers.acknowledged.length} acknowledged, ${missing.length} lost, ` +
        `writes back after ${back.at(-1)} ms`,
    )
    await fallen.stop('kill')
    await pair.rejoin()
  }
  for (const server of servers) await server.stop()
  back.sort((a, b) => a - b)
  return {
    acknowledged,
    lost,
    backP50Ms: back[Math.floor(back.length / 2)] ?? 0,
    backMaxMs: back.at(-1) ?? 0,
    oldPrimariesWrittenTo,
    faults,
  }
}

/** A request may have been acknowledged by what was sent before the kill; what counts is the first gap that ended. */
function firstAfter(acknowledged: readonly Acknowledged[], killedAt: number): number {
  const times = acknowledged.map(({ at }) => at).filter((at) => at > killedAt - 1_000)
  let longest = 0
  let end = killedAt
  for (let n = 1; n < times.length; n += 1) {
    const gap = times[n]! - times[n - 1]!
    if (gap <= longest || times[n]! <= killedAt) continue
    longest = gap
    end = times[n]!
  }
  return end
}

/** What a server would have changed: the number of jobs, or a lease. */
async function lastWrite(member: PostgresMember): Promise<string> {
  return JSON.stringify(
    await ask(
      member,
      'SELECT (SELECT count(*) FROM jobs) AS jobs, (SELECT max(lease_until) FROM nodes) AS lease',
    ),
  )
}

async function missingFrom(pair: PostgresPair, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const stored = (await ask(pair.primary, 'SELECT name FROM jobs')) as { name: string }[]
  const names = new Set(stored.map(({ name }) => name))
  return acknowledged.map(({ name }) => name).filter((name) => !names.has(name))
}

async function ask(member: PostgresMember, sql: string): Promise<unknown[]> {
  const client = new pg.Client(member.url(DATABASE))
  await client.connect()
  try {
    return (await client.query(sql)).rows as unknown[]
  } finally {
    await client.end()
  }
}
