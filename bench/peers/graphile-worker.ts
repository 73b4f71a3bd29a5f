// graphile-worker: one task that makes the request. All jobs are in the database before the runner starts.

import { EventEmitter } from 'node:events'
import { Agent, request } from 'undici'
import { BODY, type Load, obey, sameHeaders } from '../contender.ts'

// Named indirectly: it is installed in this folder only, and the types of the server are checked without it.
const library: string = 'graphile-worker'
const { run, makeWorkerUtils, Logger } = (await import(library)) as {
  run(options: object): Promise<{ stop(): Promise<void> }>
  makeWorkerUtils(options: object): Promise<{
    migrate(): Promise<void>
    withPgClient<T>(
      act: (client: { query(sql: string, values: unknown[]): Promise<T> }) => Promise<T>,
    ): Promise<T>
    release(): Promise<void>
  }>
  Logger: new (factory: () => () => void) => object
}

const connectionString = process.argv[2]!
const logger = new Logger(() => () => {})
let agent = new Agent()
let load: Load | null = null
let done = Promise.withResolvers<void>()
let runner: { stop(): Promise<void> } | null = null

obey(
  async (wanted) => {
    await close()
    load = wanted
    agent = new Agent({ connections: wanted.width, pipelining: 1 })
    const utils = await makeWorkerUtils({ connectionString, logger })
    await utils.migrate()
    await utils.withPgClient((client) =>
      client.query(
        `SELECT graphile_worker.add_jobs(array(SELECT ROW('post', json_build_object('id', 'run_' || lpad(n::text, 26, '0')),
           null, null, null, null, null, null)::graphile_worker.job_spec FROM generate_series(1, $1::int) AS n))`,
        [wanted.count],
      ),
    )
    await utils.release()
  },
  async () => {
    const { url, width, count } = load!
    done = Promise.withResolvers<void>()
    let completed = 0
    runner = await run({
      connectionString,
      logger,
      concurrency: width,
      noHandleSignals: true,
      maxPoolSize: 10,
      taskList: {
        post: async (payload: { id: string }) => {
          const { statusCode, body } = await request(url, {
            method: 'POST',
            headers: sameHeaders(payload.id),
            body: BODY,
            dispatcher: agent,
          })
          await body.text()
          if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
        },
      },
      events: eventsTelling(() => {
        completed += 1
        if (completed === count) done.resolve()
      }),
    })
    await done.promise
  },
  close,
)

/** Told after the database has it as completed. */
function eventsTelling(completed: () => void): object {
  const events = new EventEmitter()
  events.on('job:complete', completed)
  return events
}

async function close(): Promise<void> {
  await runner?.stop()
  runner = null
  await agent.close()
}
