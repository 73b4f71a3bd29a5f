// The commands of its command line, against the door on a real port, with the flags its document knows.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { simpleSchedulerDoor } from '../../../src/doors/compat/simple-scheduler/routes.ts'
import { carillon, type Result } from '../../cli/cli.ts'
import { type CompatHouse, DOOR_KEY, openCompatHouse } from '../compat-house.ts'
import { startIssuer } from './issuer.ts'

const WHEN = '2027-01-01T01:00:00Z'

type Line = AsyncDisposable & {
  readonly house: CompatHouse
  readonly home: string
  readonly cache: string
  readonly api: string
  run(...args: string[]): Promise<Result>
}

async function openLine({ token = DOOR_KEY }: { token?: string | null } = {}): Promise<Line> {
  const house = await openCompatHouse(simpleSchedulerDoor)
  const home = mkdtempSync(join(tmpdir(), 'carillon-home-'))
  const cache = join(home, '.simple-scheduler-cli-cache')
  if (token !== null) writeFileSync(cache, token)
  const api = `${await house.listen()}/api`
  return {
    house,
    home,
    cache,
    api,
    run: (...args) => carillon(['simple-scheduler', ...args], { env: { HOME: home } }),
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

test('add job, list jobs, update job: its flags, its columns', async () => {
  await using line = await openLine()
  const { api, run } = line
  const added = await run(
    ...['add', 'job', '-u', api, '-n', 'mail', '-r', WHEN, '-i', '300000', '-x', '120000'],
    ...['-s', '30000', '-q', '5', '-c=false', '-t', '10000'],
  )
  assert.deepEqual([added.code, added.out, added.err], [0, 'Added job mail\n', ''])
  const listed = await run('list', 'jobs', '-u', api)
  assert.deepEqual(cells(listed.out), [
    [
      'NAME',
      'ENABLED',
      'NEXT RUN AT',
      'INTERVAL',
      'RUN EXECUTION TIMEOUT',
      'RUN START TIMEOUT',
      'MAX QUEUE COUNT',
      'ALLOW CONCURRENT RUNS',
      'HEARTBEAT TIMEOUT',
    ],
    ['mail', 'true', '2027-01-01T01:00:00.000Z', '300000', '120000', '30000', '5', 'false', '10000'],
  ])
  const updated = await run(
    'u',
    'j',
    '--url',
    api,
    '--name',
    'mail',
    '--enabled=false',
    '--interval',
    '60000',
  )
  assert.deepEqual([updated.code, updated.out], [0, 'Updated job mail\n'])
  const [job] = JSON.parse((await run('-u', api, 'l', 'j', '-o', 'json')).out) as Record<string, unknown>[]
  assert.deepEqual(
    [job!['enabled'], job!['interval'], job!['runExecutionTimeout'], job!['heartbeatTimeout']],
    [false, 60_000, 120_000, 10_000],
  )
  const bare = await run('a', 'j', '-u', api, '--name', 'bare', '--next-run-at', WHEN, '--enabled')
  assert.equal(bare.code, 0, bare.err)
  const again = await run('add', 'job', '-u', api, '-n', 'bare', '-r', WHEN)
  assert.deepEqual([again.code, /409.*bare/.test(again.err)], [3, true], again.err)
})

test('list runs, of one job, of one status', async () => {
  await using line = await openLine()
  const { api, run, house } = line
  assert.deepEqual(cells((await run('list', 'runs', '-u', api)).out), [
    ['ID', 'JOB', 'STATUS', 'START TIME', 'END TIME'],
  ])
  for (const name of ['one', 'two']) {
    await run('add', 'job', '-u', api, '-n', name, '-r', WHEN)
    await house.house.ask('POST', `/v1/jobs/${name}/trigger?project=simple-scheduler`)
  }
  const names = async (...args: string[]): Promise<string[]> => {
    const { out, code, err } = await run('ls', 'r', '-u', api, ...args)
    assert.equal(code, 0, err)
    return cells(out)
      .slice(1)
      .map(([, job]) => job!)
  }
  assert.deepEqual((await names()).sort(), ['one', 'two'])
  assert.deepEqual(await names('-j', 'two'), ['two'])
  assert.deepEqual(await names('--status', 'completed'), [])
  assert.deepEqual(await names('--job', 'one', '--status', 'pending'), ['one'])
  const wrong = await run('list', 'runs', '-u', api, '-s', 'exploded')
  assert.deepEqual([wrong.code, /Invalid run status/.test(wrong.err)], [2, true], wrong.err)
})

test('what is missing or makes no sense is said before anything is asked', async () => {
  await using line = await openLine()
  const { api, run } = line
  const wrong: [string[], RegExp][] = [
    [['add', 'job', '-r', WHEN], /name/],
    [['add', 'job', '-n', 'x'], /next-run-at/],
    [['add', 'job', '-n', 'x', '-r', 'tomorrow'], /RFC 3339/],
    [['add', 'job', '-n', 'x', '-r', WHEN, '-i', '-5'], /whole number/],
    [['add', 'job', '-n', 'x', '-r', WHEN, '-c', 'perhaps'], /true or false/],
    [['update', 'job', '-i', '5'], /name/],
    [['list', 'jobs', '-u', 'nowhere'], /is not an address/],
    [['login', '-c', 'cli', '-s', 'secret'], /issuer/],
    [['login', '-c', 'cli', '-s', 'secret', '-i', 'http://id.example.com'], /may be sent to/],
  ]
  for (const [args, words] of wrong) {
    const { code, err } = await run(...args)
    assert.deepEqual([code, words.test(err)], [2, true], `${args.join(' ')}: ${err}`)
  }
  const unknown = await run('update', 'job', '-u', api, '-n', 'nobody', '-i', '5000')
  assert.equal(unknown.code, 3, unknown.err)
  const html = await run('list', 'jobs', '-u', `${api}/nowhere`)
  assert.equal(html.code, 3, html.err)
})

test('the key: of the command, else the token of the login; none is said to be none', async () => {
  await using line = await openLine({ token: null })
  const { api, run } = line
  const nobody = await run('list', 'jobs', '-u', api)
  assert.deepEqual([nobody.code, /No key was sent/.test(nobody.err)], [4, true], nobody.err)
  assert.equal((await run('list', 'jobs', '-u', api, '--api-key', DOOR_KEY)).code, 0)
  writeFileSync(line.cache, 'a-token-that-is-none-of-ours')
  assert.equal((await run('list', 'jobs', '-u', api)).code, 4)
  assert.equal((await run('list', 'jobs', '-u', api, '--api-key', DOOR_KEY)).code, 0)
})

test('whoever is signed in at the server is so at its door, and an empty key hides no token', async () => {
  await using line = await openLine({ token: null })
  const { api, home } = line
  const server = api.slice(0, -'/api'.length)
  const env = { HOME: home, CARILLON_API_KEY: '' }
  const list = (): Promise<Result> => carillon(['simple-scheduler', 'list', 'jobs', '-u', api], { env })
  const login = { issuer: 'https://id.example.com', clientId: 'terminal', resource: null, refreshToken: null }
  mkdirSync(join(home, '.config/carillon'), { recursive: true })
  writeFileSync(
    join(home, '.config/carillon/logins.json'),
    JSON.stringify({ [server]: { ...login, accessToken: DOOR_KEY, expiresAt: null } }),
  )
  const signedIn = await list()
  assert.equal(signedIn.code, 0, signedIn.err)
  rmSync(join(home, '.config'), { recursive: true })
  assert.equal((await list()).code, 4)
  writeFileSync(line.cache, DOOR_KEY)
  assert.equal((await list()).code, 0)
})

test('login: by a browser, with the code flow; what it got is used from then on', async () => {
  await using issuer = await startIssuer({ id: 'simple-scheduler-cli', secret: 'hush' })
  await using line = await openLine({ token: null })
  const { run, cache } = line
  const login = run('login', '-c', 'simple-scheduler-cli', '-s', 'hush', '--issuer', issuer.url)
  assert.equal(await browse('/nowhere'), 404)
  assert.equal(await browse('/login'), 200)
  const { code, err } = await login
  assert.equal(code, 0, err)
  assert.match(err, /Log in: http:\/\/localhost:5556\/login/)
  assert.equal(readFileSync(cache, 'utf8').trim(), issuer.accessToken)
  assert.equal(statSync(cache).mode & 0o777, 0o600)
  const [asked] = issuer.asked
  assert.deepEqual(
    ['client_id', 'redirect_uri', 'scope', 'response_type'].map((name) => asked!.get(name)),
    [
      'simple-scheduler-cli',
      'http://localhost:5556/callback',
      'openid jobs:read jobs:write runs:read runs:write',
      'code',
    ],
  )

  // An answer to another question, as somebody else's page might send the browser with.
  const forged = run('login', '-c', 'simple-scheduler-cli', '-s', 'hush', '-i', issuer.url)
  assert.equal(await browse('/callback?code=stolen&state=other'), 400)
  const refused = await forged
  assert.deepEqual([refused.code, /gave no token/.test(refused.err)], [4, true], refused.err)
  const unwelcome = run('login', '-c', 'simple-scheduler-cli', '-s', 'wrong', '-i', issuer.url)
  assert.equal(await browse('/login'), 400)
  assert.equal((await unwelcome).code, 4)
})

/** Comes as soon as somebody listens there. */
async function browse(path: string): Promise<number> {
  for (;;) {
    const answer = await fetch(`http://localhost:5556${path}`).catch(() => null)
    if (answer !== null) return answer.status
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Columns are two or more blanks apart. */
function cells(out: string): string[][] {
  return out
    .trimEnd()
    .split('\n')
    .map((row) => row.split(/ {2,}/))
}
