// The README's commands, as they stand, in a fresh directory beside a real server.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../bin/carillon.js', import.meta.url))
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'carillon-readme-'))
const children: ChildProcess[] = []

after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Every line of the README's shell blocks that calls the program. */
function commands(): string[] {
  const blocks = [...README.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!)
  return blocks.flatMap((block) => block.split('\n')).filter((line) => line.startsWith('npx carillon '))
}

function run(
  script: string,
  env: Record<string, string>,
): { child: ChildProcess; said: (pattern: RegExp) => Promise<string> } {
  const child = spawn('bash', ['-c', `exec ${script}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env } as NodeJS.ProcessEnv,
  })
  children.push(child)
  let text = ''
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  child.on('close', () => resolve())
  const said = (pattern: RegExp): Promise<string> =>
    new Promise((found, reject) => {
      const look = (chunk: unknown): void => {
        text += String(chunk ?? '')
        if (pattern.test(text)) found(text)
      }
      child.stdout?.on('data', look)
      child.stderr?.on('data', look)
      void ended.then(() => (pattern.test(text) ? found(text) : reject(new Error(`${script} said: ${text}`))))
    })
  return { child, said }
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

test('what the README says to type works', async () => {
  const port = await freePort()
  const env = { CARILLON_URL: `http://127.0.0.1:${port}` }
  const program = `'${process.execPath}' '${PROGRAM}'`
  const up = run(`${program} up --listen 127.0.0.1:${port}`, {})
  await up.said(/is up at/)

  /** What each command of the README has to say. */
  const expected: [RegExp, RegExp][] = [
    [/job create hello/, /Created hello/],
    [/run watch --job hello/, /hello/],
    [/why hello/, /It ran and succeeded|It is running|still to come|not exist/],
    [/job ledger hello/, /to come/],
    [/cron explain/, /Monday through Friday/],
    [/cron next/, /New_York|-0[45]:00/],
    [/carillon server/, /is in use/],
    [/carillon check/, /listen/],
  ]
  const lines = commands()
  assert.equal(lines.length, expected.length, lines.join('\n'))
  for (const [which, says] of expected) {
    const line = lines.find((one) => which.test(one))
    assert.ok(line !== undefined, `the README has ${which}`)
    // The place for keeps is this server's own directory here: it must be refused, and nothing else is touched.
    const script = line
      .replace('npx carillon', program)
      .replace('/var/lib/carillon', './data')
      .replaceAll(':8080', `:${port}`)
    const one = run(script, env)
    await one.said(says)
    one.child.kill('SIGKILL')
  }
})
