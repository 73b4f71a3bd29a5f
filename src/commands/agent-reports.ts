// What foreign agents tell of a job that they carry out by their own clocks: kept as one blob for each of them, which
// only its own reports change.

import { hash } from 'node:crypto'
import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Job } from '../domain/job.ts'
import {
  type AgentReport,
  type AgentReports,
  bareReports,
  latestRound,
  ROUND_LIMITS,
  type Round,
  reportOf,
  withReport,
} from '../domain/report-rounds.ts'
import { readBlob } from '../ports/blob-store.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'

/** By its name, which no other job of the project has. */
type Told = { readonly projectId: string; readonly spec: Pick<Job['spec'], 'name'> }

/** Two outputs of each kept report, four bytes a character, escaped. */
const BLOB_BYTES_MAX = ROUND_LIMITS.keptMax * ROUND_LIMITS.outputMax * 2 * 6 + 65_536
const READS_AT_ONCE = 16
/** Beyond as many as there are agents: those that were started anew, within what the clock of a blob store can tell. */
const SPARE_READS = 16

/** The caller may write runs there: `job` was found for it. */
export async function noteReport(
  ctx: Context,
  who: Principal,
  job: Job,
  agentId: string,
  report: Omit<AgentReport, 'at'>,
): Promise<void> {
  authorize(who, 'task.report', { projectId: job.projectId, what: 'job', name: job.spec.name })
  const key = keyOf(job, agentId)
  const known = await read(ctx, key)
  if (known === null) await refuseTooMany(ctx, job)
  const reports = withReport(known, agentId, { ...report, at: ctx.clock.now() })
  await ctx.blobs.put(key, Buffer.from(JSON.stringify(reports)))
}

/**
 * The last round that is complete, of each output its last `outputMax` characters; null: there is none yet. What is kept of all
 * agents is much more than that, so it is read twice: to find the round, and to take it.
 */
export async function readRound(
  ctx: Context,
  who: Principal,
  job: Job,
  { agents, outputMax }: { readonly agents: number; readonly outputMax: number },
): Promise<Round | null> {
  authorize(who, 'run.read', { projectId: job.projectId, what: 'job', name: job.spec.name })
  // Of the agents that were heard of last: of at least so many, where there are as many.
  const heads = (await ctx.blobs.list(folderOf(job), { limit: ROUND_LIMITS.agentsMax }))
    .toSorted((one, other) => other.modifiedAt - one.modifiedAt)
    .slice(0, agents + SPARE_READS)
  const keys = heads.map(({ key }) => key)
  const round = latestRound(await readEach(ctx, keys, bareReports), agents)
  if (round === null) return null
  const heard = round.outputs.map(({ agentId }) => keyOf(job, agentId))
  const outputs = await readEach(ctx, heard, (reports) => {
    const { at, stdout, stderr } = reportOf(reports, round.number)
    return {
      agentId: reports.agentId,
      at,
      stdout: endOf(stdout, outputMax),
      stderr: endOf(stderr, outputMax),
    }
  })
  return { ...round, outputs }
}

/** Some at a time; of each only what is taken from it stays in memory. */
async function readEach<Taken>(
  ctx: Context,
  keys: readonly string[],
  take: (reports: AgentReports) => Taken,
): Promise<Taken[]> {
  const found: Taken[] = []
  for (let n = 0; n < keys.length; n += READS_AT_ONCE) {
    const some = keys.slice(n, n + READS_AT_ONCE).map(async (key) => {
      const reports = await read(ctx, key)
      return reports === null ? [] : [take(reports)]
    })
    found.push(...(await Promise.all(some)).flat())
  }
  return found
}

/** A copy: a part of a text would keep the whole of it in memory. */
function endOf(text: string, max: number): string {
  return text.length <= max ? text : Buffer.from(text.slice(-max), 'utf16le').toString('utf16le')
}

/** A job that is gone; whoever still tells of it may do so for ever. */
export async function forgetReports(ctx: Context, who: Principal, job: Told): Promise<void> {
  authorize(who, 'task.report', { projectId: job.projectId, what: 'job', name: job.spec.name })
  const heads = await ctx.blobs.list(folderOf(job), { limit: ROUND_LIMITS.agentsMax })
  if (heads.length > 0) await ctx.blobs.delete(heads.map(({ key }) => key))
}

async function refuseTooMany(ctx: Context, job: Told): Promise<void> {
  const { agentsMax } = ROUND_LIMITS
  if ((await ctx.blobs.list(folderOf(job), { limit: agentsMax })).length < agentsMax) return
  throw new AppError('quota_exceeded', `At most ${agentsMax} agents tell of one task.`)
}

async function read(ctx: Context, key: string): Promise<AgentReports | null> {
  const bytes = await readBlob(ctx.blobs, key, BLOB_BYTES_MAX)
  return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as AgentReports)
}

function keyOf(job: Told, agentId: string): string {
  return folderOf(job) + hash('sha256', agentId, 'hex').slice(0, 32)
}

function folderOf({ projectId, spec }: Told): string {
  return `reports/${projectId}/${hash('sha256', spec.name, 'hex').slice(0, 32)}/`
}
