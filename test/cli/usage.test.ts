import assert from 'node:assert/strict'
import { test } from 'node:test'
import { carillon } from './cli.ts'

const WRONG: readonly { readonly args: string[]; readonly says: RegExp }[] = [
  {
    args: ['jbo', 'list'],
    says: /^error: unknown command 'jbo'\. Did you mean job\?\nhint: See: carillon --help\n$/,
  },
  {
    args: ['job', 'lst'],
    says: /^error: unknown command 'lst'\. Did you mean list\?\nhint: See: carillon job --help\n$/,
  },
  { args: ['job', 'list', '--limt', '5'], says: /unknown option '--limt'\. Did you mean --limit\?/ },
  { args: ['job', 'list', '--limit'], says: /option '-n, --limit <number>' argument missing/ },
  { args: ['job', 'list', '--limit', '0'], says: /It is a whole number from 1 to 500/ },
  { args: ['job', 'list', '-o', 'xml'], says: /Allowed choices are table, json, yaml/ },
  { args: ['job', 'get'], says: /missing required argument 'job'/ },
  { args: ['job', 'get', 'a', 'b'], says: /too many arguments/ },
  { args: ['job', 'create'], says: /The job needs a name/ },
  { args: ['job', 'create', 'a', '--every', '30s'], says: /What is the job to do\?\nhint: Add --url/ },
  {
    args: ['job', 'create', 'a', '--every', '30s', '--cron', '* * * * *', '--url', 'http://x'],
    says: /'--every <duration>' cannot be used with option '--cron/,
  },
  { args: ['job', 'create', '-f', 'no-such-file.yaml'], says: /The file no-such-file\.yaml does not exist/ },
  { args: ['job', 'create', 'a', '--url', 'http://x', '--header', 'nonsense'], says: /has no colon/ },
  { args: ['job', 'create', 'a', '--url', 'http://x', '--label', 'nonsense'], says: /has no value/ },
  { args: ['job', 'trigger', 'a', '--params', '{no'], says: /--params is not JSON/ },
  { args: ['job', 'pause', 'a', '--until', 'soon'], says: /"soon" is not a time/ },
  { args: ['job', 'pause', 'a', '--until', '09:00', '--for', '1h'], says: /not both/ },
  {
    args: ['job', 'delete', 'a'],
    says: /Delete the job "a"\? Nobody can be asked here\.\nhint: Answer beforehand with -y/,
  },
  { args: ['job', 'edit', 'a', '--set', 'x', '-f', 'y'], says: /not both/ },
  { args: ['job', 'preview'], says: /next instants of what/ },
  { args: ['key', 'create', 'ci'], says: /Say what it may do: --role viewer, or --scope jobs:read/ },
  { args: ['callback', 'redeliver'], says: /Which callback\?/ },
  { args: ['project', 'edit', 'p'], says: /What is to change\?/ },
  { args: ['cron', 'next', '99 * * * *'], says: /This schedule is refused:\n {2}expression: / },
  { args: ['cron', 'next', '* * * * *', '-z', 'Europe/Belin'], says: /--timezone: .*Europe\/Berlin/ },
  { args: ['completion', 'tcsh'], says: /Allowed choices are bash, zsh, fish/ },
  { args: ['--url', 'localhost:8080', 'job', 'list'], says: /--url "localhost:8080" is not an address/ },
]

for (const { args, says } of WRONG) {
  test(`exit 2: carillon ${args.join(' ')}`, async () => {
    // Port 9 of this machine: nobody answers, and what is wrong with the words shows before that.
    const { code, out, err } = await carillon(args, { env: { CARILLON_URL: 'http://127.0.0.1:9' } })
    assert.equal(code, 2, err)
    assert.match(err, says)
    assert.equal(out, '')
    assert.doesNotMatch(err, /\n\s+at /)
  })
}

test('help is on standard output and ends with 0, for every command', async () => {
  for (const args of [
    ['--help'],
    ['help'],
    ['job', '--help'],
    ['help', 'job', 'create'],
    ['run', 'watch', '-h'],
  ]) {
    const { code, out, err } = await carillon(args)
    assert.deepEqual([code, err], [0, ''], args.join(' '))
    assert.match(out, /^Usage: carillon/)
  }
})

test('--help names every exit code', async () => {
  const { out } = await carillon(['--help'])
  for (const code of ['0', '1', '2', '3', '4', '5', '6', '7', '78', '130']) {
    assert.match(out, new RegExp(`^ +${code} {2}\\w`, 'm'))
  }
})

test('a group without its second word shows its help on standard error', async () => {
  const { code, out, err } = await carillon(['job'])
  assert.deepEqual([code, out], [2, ''])
  assert.match(err, /^Usage: carillon job/)
})

test('the options of every command may stand before, between and after its words', async () => {
  for (const args of [
    ['-o', 'json', 'cron', 'next', '@daily', '-n', '1'],
    ['cron', '-o', 'json', 'next', '@daily', '-n', '1'],
    ['cron', 'next', '@daily', '-n', '1', '-o', 'json'],
  ]) {
    const { code, out } = await carillon(args)
    assert.equal(code, 0)
    assert.equal((JSON.parse(out) as { instants: unknown[] }).instants.length, 1, args.join(' '))
  }
})

test('a schedule is tried offline, on the wall clock of its zone', async () => {
  const { code, out, err } = await carillon([
    'cron',
    'next',
    '30 2 * * *',
    '-z',
    'Europe/Berlin',
    '-n',
    '2',
    '--start',
    '2027-03-27T12:00:00Z',
  ])
  assert.equal(code, 0)
  assert.match(out, /2027-03-28 03:00:00\+02:00 +2027-03-28 01:00:00Z/)
  assert.match(out, /2027-03-29 02:30:00\+02:00/)
  assert.match(err, /^warning: /)
})

test('of two the one nearer to the end counts', async () => {
  const { out } = await carillon(['-o', 'yaml', 'cron', 'next', '@daily', '-n', '1', '-o', 'json'])
  assert.doesNotThrow(() => JSON.parse(out))
})
