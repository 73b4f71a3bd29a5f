// pg-boss: one queue whose workers make the request. All jobs are in the database before the workers start.

import { Agent, request } from 'undici'
import { BODY, type Load, obey, sameHeaders } from '../contender.ts'

// Named indirectly: it is installed in this folder only, and the types of the server are checked without it.
const library: string = 'pg-boss'
type Job = { readonly data: { readonly id: string } }
type Boss = {
  on(event: 'error', act: (error: Error) => void): void
  start(): Promise<unknown>
  stop(options: object): Promise<void>
  createQueue(name: string): Promise<void>
  insert(name: string, jobs: readonly object[]): Promise<unknown>
  work(name: string, options: object, handler: (jobs: readonly Job[]) => Promise<void>): Promise<string>
}
const { PgBoss } = (await import(library)) as { PgBoss: new (options: object) => Boss }

const connectionString = process.argv[2]!
const QUEUE = 'post'
/** Jobs a worker fetches, carries out side by side and completes with one statement: the fastest way it has. */
const BATCH = 32
const INSERTED_AT_ONCE = 5_000

let agent = new Agent()
let load: Load | null = null
let boss: Boss | null = null

obey(
  async (wanted) => {
    await close()
    load = wanted
    agent = new Agent({ connections: wanted.width, pipelining: 1 })
    boss = new PgBoss({ connectionString, max: 10, supervise: false, schedule: false })
    boss.on('error', (error) => console.error(error))
    await boss.start()
    await boss.createQueue(QUEUE)
    for (let from = 0; from < wanted.count; from += INSERTED_AT_ONCE) {
      const size = Math.min(INSERTED_AT_ONCE, wanted.count - from)
      const jobs = Array.from({ length: size }, (_, n) => ({
        data: { id: `run_${String(from + n + 1).padStart(26, '0')}` },
      }))
      await boss.insert(QUEUE, jobs)
    }
  },
  async () => {
    const { url, width, count } = load!
    const done = Promise.withResolvers<void>()
    let completed = 0
    const options = {
      batchSize: BATCH,
      localConcurrency: width / BATCH,
      pollingIntervalSeconds: 0.5,
      burstWhenBatchFull: true,
    }
    await boss!.work(QUEUE, options, async (jobs) => {
      await Promise.all(jobs.map(({ data }) => post(url, data.id)))
      completed += jobs.length
      // The last batch is completed in the database a moment after this: in its favour.
      if (completed >= count) done.resolve()
    })
    await done.promise
  },
  close,
)

async function post(url: string, id: string): Promise<void> {
  const options = { method: 'POST', headers: sameHeaders(id), body: BODY, dispatcher: agent } as const
  const { statusCode, body } = await request(url, options)
  await body.text()
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
}

async function close(): Promise<void> {
  await boss?.stop({ graceful: true, timeout: 10_000 })
  boss = null
  await agent.close()
}
