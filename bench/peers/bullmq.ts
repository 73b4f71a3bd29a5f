// BullMQ: one queue, one worker whose processor makes the request. All jobs are ready before the worker starts.

import { randomUUID } from 'node:crypto'
import { Agent, request } from 'undici'
import { BODY, type Load, obey, sameHeaders } from '../contender.ts'

// Named indirectly: it is installed in this folder only, and the types of the server are checked without it.
const library: string = 'bullmq'
const { Queue, Worker } = (await import(library)) as {
  Queue: new (
    name: string,
    options: object,
  ) => {
    addBulk(jobs: readonly object[]): Promise<unknown>
    obliterate(options: object): Promise<void>
    getJobCounts(...types: string[]): Promise<Record<string, number>>
    close(): Promise<void>
  }
  Worker: new (
    name: string,
    processor: (job: { data: { id: string } }) => Promise<unknown>,
    options: object,
  ) => {
    on(event: string, listener: (...args: unknown[]) => void): void
    run(): Promise<void>
    waitUntilReady(): Promise<unknown>
    close(force?: boolean): Promise<void>
  }
}

const ADD_AT_ONCE = 1_000
const connection = { host: '127.0.0.1', port: Number(process.argv[2]), maxRetriesPerRequest: null }

let agent = new Agent()
let queue: InstanceType<typeof Queue> | null = null
let worker: InstanceType<typeof Worker> | null = null
let done = Promise.withResolvers<void>()
let expected = 0

obey(
  async (load) => {
    await close()
    agent = new Agent({ connections: load.width, pipelining: 1 })
    const name = `bench-${randomUUID()}`
    queue = new Queue(name, { connection })
    expected = load.count
    for (let from = 0; from < load.count; from += ADD_AT_ONCE) {
      const size = Math.min(ADD_AT_ONCE, load.count - from)
      await queue.addBulk(Array.from({ length: size }, (_, n) => ({ name: 'post', data: dataOf(from + n) })))
    }
    worker = newWorker(name, load)
    await worker.waitUntilReady()
  },
  async () => {
    void worker!.run()
    await done.promise
    const { completed } = await queue!.getJobCounts('completed')
    if (completed !== expected) throw new Error(`${completed} jobs are completed instead of ${expected}`)
  },
  close,
)

function newWorker(name: string, { url, width, count }: Load): InstanceType<typeof Worker> {
  done = Promise.withResolvers<void>()
  let completed = 0
  const made = new Worker(
    name,
    async ({ data }) => {
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: sameHeaders(data.id),
        body: BODY,
        dispatcher: agent,
      })
      const text = await body.text()
      if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
      return { statusCode, text }
    },
    { connection, concurrency: width, autorun: false },
  )
  // Told after Redis has it as completed.
  made.on('completed', () => {
    completed += 1
    if (completed === count) done.resolve()
  })
  made.on('failed', (_job, error) => done.reject(error))
  made.on('error', (error) => done.reject(error))
  return made
}

function dataOf(n: number): { id: string } {
  return { id: `run_${String(n).padStart(26, '0')}` }
}

async function close(): Promise<void> {
  await worker?.close()
  await queue?.obliterate({ force: true })
  await queue?.close()
  worker = null
  queue = null
  await agent.close()
}
