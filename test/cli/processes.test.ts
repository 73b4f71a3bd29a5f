// The command line as people meet it: real processes, a real server, a real shell.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../bin/carillon.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'carillon-process-'))
const started: ChildProcess[] = []

after(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

type Ended = {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
}

function start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH, HOME, TMPDIR } = process.env
  const given = Object.fromEntries(
    Object.entries({ PATH, HOME, TMPDIR, ...env }).filter(([, value]) => value !== undefined),
  )
  const child = spawn(command, args, {
    cwd: folder,
    env: given as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  /** Resolves with all of standard output as soon as it matches. */
  const says = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(out)) resolve(out)
      }
      child.stdout.on('data', look)
      void ended.then(() => reject(new Error(`it ended first: ${out}${err}`)))
      look()
    })
  return { child, ended, says }
}

function carillon(...args: string[]) {
  return start(process.execPath, [PROGRAM, ...args])
}

function shell(script: string) {
  return start('bash', ['-c', script])
}

/** The command as it was printed, run by the program of this tree. */
function pasted(line: string) {
  return shell(line.replace('npx carillon', `${quoted(process.execPath)} ${quoted(PROGRAM)}`))
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

test('the first minute: up, three commands as they are printed, a stop, and the data is still there', async () => {
  const up = carillon('up', '--listen', '127.0.0.1:0')
  const welcome = await up.says(/Ctrl-C stops it/)
  assert.ok(welcome.trimEnd().split('\n').length <= 12)
  assert.match(
    welcome,
    /^Carillon is up at http:\/\/127\.0\.0\.1:\d+\nPage {4}http:\/\/127\.0\.0\.1:\d+\/sign-in#[0-9a-f]{64} \(signs in once, soon; another: carillon page\)\nKey {5}\S{24,} \(shown this once, kept in data\/admin\.key\)\n/,
  )
  const [create, watch, why, ...more] = welcome.split('\n').filter((line) => line.includes('npx carillon'))
  assert.deepEqual(more, [])

  // More often than is printed, for a test without patience.
  const created = await pasted(create!.replace('--every 10s', '--every 1s')).ended
  assert.equal(created.code, 0, created.err)
  assert.match(
    created.out,
    /^Created hello \(job_\w+\)\nEvery second: GET http:\/\/127\.0\.0\.1:\d+\/livez\nnext {2}/,
  )

  const watching = pasted(`exec ${watch!.trim().replace(/^(\w+=\S+) /, 'env $1 ')}`)
  await watching.says(/succeeded {3}hello/)
  watching.child.kill('SIGINT')
  assert.equal((await watching.ended).signal, 'SIGINT')

  const answer = await pasted(why!).ended
  assert.equal(answer.code, 0, answer.err)
  assert.match(answer.out, /^It ran and succeeded/)

  const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(welcome)![1]!
  const [locked, taken] = await Promise.all([
    carillon('server', '--listen', '127.0.0.1:0').ended,
    carillon('server', '--listen', `127.0.0.1:${port}`, '--data-dir', 'other').ended,
  ])
  assert.equal(locked.code, 1)
  assert.match(
    locked.err,
    new RegExp(`^error: The data directory \\./data is in use by process ${up.child.pid}\\.`, 'm'),
  )
  assert.equal(taken.code, 1)
  assert.match(
    taken.err,
    new RegExp(
      `^error: 127\\.0\\.0\\.1:${port} is in use by another program\\.\nhint: Stop that one, or choose another port: --listen`,
      'm',
    ),
  )
  for (const { err } of [locked, taken]) assert.doesNotMatch(err, /\n\s+at /)

  up.child.kill('SIGTERM')
  const stopped = await up.ended
  assert.deepEqual([stopped.code, stopped.signal], [0, null], stopped.err)

  const again = carillon('up', '--listen', '127.0.0.1:0')
  assert.match(await again.says(/Ctrl-C stops it/), /^Key {5}kept in data\/admin\.key$/m)
  again.child.kill('SIGINT')
  assert.equal((await again.ended).code, 0)
})

test('a wrong configuration: exit 78, everything at once, nothing half started', async () => {
  writeFileSync(join(folder, 'wrong.yaml'), 'slots: 0\nlistn: x\n')
  const { code, out, err } = await carillon(
    'server',
    '--config',
    'wrong.yaml',
    '--listen',
    '0.0.0.0:1',
    '--data-dir',
    'never',
  ).ended
  assert.deepEqual([code, out], [78, ''])
  assert.match(err, /^error: The configuration has 3 problems\. Nothing was started\./)
  assert.match(err, /wrong\.yaml: slots: /)
  assert.match(err, /wrong\.yaml: listn: is not an option\. Did you mean "listen"\?/)
  assert.match(err, /--listen: 0\.0\.0\.0:1 can be reached from other machines/)
  assert.equal(existsSync(join(folder, 'never')), false)
})

test('a data directory that cannot be: exit 78, a reason and a mend', async () => {
  writeFileSync(join(folder, 'file'), '')
  const { code, err } = await carillon('server', '--listen', '127.0.0.1:0', '--data-dir', 'file/data').ended
  assert.equal(code, 78)
  assert.match(
    err,
    /^error: The data directory file\/data is below something that is no directory\.\nhint: Give another with --data-dir/m,
  )
})

test('a reader that goes away early is no failure', async () => {
  const program = `${quoted(process.execPath)} ${quoted(PROGRAM)}`
  const { code, out, err } = await shell(
    `set -o pipefail; ${program} cron next '* * * * * *' -n 1000 | head -n 1`,
  ).ended
  assert.deepEqual([code, out.split('\n').length, err], [0, 2, ''])
})

test('completion in a real bash: commands, options, values, names', async () => {
  const ask = (line: string): string =>
    `COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _carillon; echo "\${COMPREPLY[*]}"`
  const script = [
    `carillon() { if [[ $1 == __complete ]]; then printf '%s\\n' ping 'my job' pong; else ${quoted(process.execPath)} ${quoted(PROGRAM)} "$@"; fi; }`,
    'source <(carillon completion bash)',
    'complete -p carillon',
    ...[
      'carillon jo',
      "carillon job ''",
      'carillon job list --st',
      'carillon job list --status a',
      'carillon -o json job tr',
      "carillon job trigger ''",
      'carillon run list --job p',
      "carillon job create x --overlap ''",
      'carillon --url list job ge',
      'carillon completion f',
    ].map(ask),
  ].join('\n')
  const { code, out, err } = await shell(script).ended
  assert.deepEqual([code, err], [0, ''])
  const [registered, ...replies] = out.trimEnd().split('\n')
  assert.equal(registered, 'complete -F _carillon carillon')
  assert.deepEqual(replies, [
    'job',
    'create list get edit delete trigger pause resume preview why versions ledger calendar bulk',
    '--status',
    'active',
    'trigger',
    'ping my\\ job pong',
    'ping pong',
    'skip queue allow replace',
    'get',
    'fish',
  ])
})

test('a file of variables that is not there is told by us, not by Node, which has such a flag of its own', async () => {
  const { code, err } = await start(process.execPath, [PROGRAM, 'server', '--variables', 'gone']).ended
  assert.equal(code, 78)
  assert.match(err, /--variables: names a file that does not exist: gone/)
})
