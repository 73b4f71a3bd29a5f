// pg-boss: one queue whose workers make the request. All jobs are in the database before the workers start.

import { Agent, request } from 'undici'
import { BODY, type Load, obey, sameHeaders } from '../contender.ts'

// Named indirectly: it is installed in this folder only, and the types of the server are checked without it.
const library: string = 'pg-boss'
const { PgBoss } = (await import(library)) as {
  PgBoss: new (
    options: object,
  ) => {
    start(): Promise<unknown>
    stop(options: object): Promise<void>
    createQueue(name: string): Promise<void>
    deleteQueue(name: string): Promise<void>
    insert(name: string, jobs: readonly object[]): Promise<unknown>
    work(
      name: string,
      options: object,
      act: (jobs: readonly { data: { id: string } }[]) => Promise<unknown>,
    ): Promise<string>
    getQueueStats(name: string): Promise<{ queuedCount: number; activeCount: number }>
    on(event: 'error', listener: (error: unknown) => void): void
  }
}

/** Fetched at once by one worker, which makes their requests side by side: its quickest way. */
const BATCH = 200
const WORKERS = 4
const ADD_AT_ONCE = 5_000
const boss = new PgBoss({ connectionString: process.argv[2], max: 10, supervise: false, schedule: false })
boss.on('error', (error) => console.error(error))
await boss.start()

let agent = new Agent()
let load: Load | null = null
let queue = ''
let round = 0

obey(
  async (wanted) => {
    await agent.close()
    load = wanted
    agent = new Agent({ connections: wanted.width, pipelining: 1 })
    round += 1
    queue = `bench-${round}`
    await boss.createQueue(queue)
    for (let from = 0; from < wanted.count; from += ADD_AT_ONCE) {
      const size = Math.min(ADD_AT_ONCE, wanted.count - from)
      const jobs = Array.from({ length: size }, (_, n) => ({ data: { id: idOf(from + n) } }))
      await boss.insert(queue, jobs)
    }
  },
  async () => {
    const { url, count } = load!
    const done = Promise.withResolvers<void>()
    let made = 0
    for (let n = 0; n < WORKERS; n += 1) {
      await boss.work(queue, { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, async (jobs) => {
        await Promise.all(jobs.map(({ data }) => post(url, data.id)))
        made += jobs.length
        if (made === count) done.resolve()
      })
    }
    await done.promise
    // The last batch is completed in the database after its handler has returned.
    for (;;) {
      const { queuedCount, activeCount } = await boss.getQueueStats(queue)
      if (queuedCount === 0 && activeCount === 0) return
    }
  },
  async () => {
    await boss.stop({ graceful: false })
    await agent.close()
  },
)

async function post(url: string, id: string): Promise<void> {
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headers: sameHeaders(id),
    body: BODY,
    dispatcher: agent,
  })
  await body.text()
  if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
}

function idOf(n: number): string {
  return `run_${String(n).padStart(26, '0')}`
}
