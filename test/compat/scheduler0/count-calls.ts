// A client written for scheduler0, with its real packages, against a server started by that system's own commands: counts how
// often each job is called back.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Folder } from '../../support/folder.ts'

const PROGRAM = fileURLToPath(new URL('../../../bin/carillon.js', import.meta.url))
const CLIENT = fileURLToPath(new URL('client.cjs', import.meta.url))

export type Counted = {
  /** What `config init` said of the file. */
  readonly taken: string
  readonly counts: AsyncIterable<Count>
}

export type Count = {
  /** Jobs that were called back so far. */
  readonly jobs: number
  readonly min: number
  readonly max: number
  readonly chunk: string
}

/** The server and the client end with `children`. */
export async function countCalls(
  children: AsyncDisposableStack,
  arrays: number,
  jobsPerArray: number,
): Promise<Counted> {
  const folder = children.use(new Folder())
  const port = await freePort()
  const config =
    `LogLevel: INFO\nProtocol: http\nHost: 127.0.0.1\nPort: ${port}\nMaxMemory: 5000\nBootstrap: true\nNodeId: 1\n` +
    'JobExecutionTimeout: 30\nJobExecutionRetryDelay: 1\nJobExecutionRetryMax: 10\nHTTPExecutorPayloadMaxSizeMb: 2\n'
  writeFileSync(folder.file('config.yml'), config)
  const env = { PATH: process.env.PATH, CARILLON_LISTEN: '127.0.0.1:0' } as NodeJS.ProcessEnv
  const carillon = (...args: string[]) =>
    promisify(execFile)(process.execPath, [PROGRAM, 'scheduler0', ...args], { cwd: folder.path, env })
  const taken = (await carillon('config', 'init')).stdout
  await carillon('credential', 'init')
  const start = (args: string[], more: NodeJS.ProcessEnv): ChildProcess => {
    const child = spawn(process.execPath, args, {
      cwd: folder.path,
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'close')
    children.defer(async () => {
      child.kill('SIGKILL')
      await ended
    })
    return child
  }
  const server = start([PROGRAM, 'scheduler0', 'start'], { CARILLON_LOG_LEVEL: 'error' })
  await once(server.stdout!, 'data')
  server.stdout!.resume()
  const { data } = JSON.parse((await carillon('create', 'credential')).stdout) as {
    data: { api_key: string; api_secret: string }
  }
  const client = start([CLIENT], {
    API_ENDPOINT: `http://127.0.0.1:${port}`,
    API_KEY: data.api_key,
    API_SECRET: data.api_secret,
    PORT: '0',
    ARRAYS: String(arrays),
    JOBS_PER_ARRAY: String(jobsPerArray),
  })
  return { taken, counts: countsOf(client) }
}

async function* countsOf(client: ChildProcess): AsyncGenerator<Count> {
  for await (const line of createInterface(client.stdout!)) {
    const count = JSON.parse(line) as Partial<Count>
    if (count.jobs !== undefined) yield count as Count
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
