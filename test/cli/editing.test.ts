// Editing by hand: an editor that changes the file, a server that likes the result or not.

import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { problem, startStubServer } from '../sdk/stub-server.ts'
import { carillon } from './cli.ts'
import { CREATED, JOB } from './wire.ts'

const edit = (url: string): string[] => ['--url', url, 'job', 'edit', 'ping']

test('what the editor saved replaces the job, under the version that was read', async () => {
  await using server = await startStubServer(({ method }) => ({
    json: method === 'GET' ? JOB : { ...CREATED, version: 4 },
  }))
  const { code, out } = await carillon(edit(server.url), {
    tty: true,
    env: { EDITOR: "sed -i 's/every: 30s/every: 5m/'" },
  })
  assert.equal(code, 0)
  assert.match(out, /Changed ping: version 4/)
  const put = server.asked[1]
  assert.equal(put?.headers['if-match'], '"3"')
  const { name, description, labels, target, policy, callback } = JOB
  assert.deepEqual(put?.body, {
    name,
    description,
    labels,
    schedule: { every: '5m' },
    target,
    policy,
    callback,
  })
})

test('an unchanged file changes nothing', async () => {
  await using server = await startStubServer(() => ({ json: JOB }))
  const { code, err } = await carillon(edit(server.url), { tty: true, env: { EDITOR: 'true' } })
  assert.equal(code, 0)
  assert.match(err, /Nothing was changed/)
  assert.equal(server.asked.length, 1)
})

test('a refused edit is explained and offered again; left alone, the file is kept', async () => {
  await using server = await startStubServer(({ method }) =>
    method === 'GET'
      ? { json: JOB }
      : problem(422, 'invalid', 'No.', [
          { pointer: '/schedule/every', code: 'duration', detail: 'This is no duration.' },
        ]),
  )
  const around = { tty: true, keys: 'n', env: { EDITOR: "sed -i 's/every: 30s/every: often/'" } }
  const { code, err } = await carillon(edit(server.url), around)
  assert.equal(code, 2)
  assert.match(err, /\/schedule\/every.*: This is no duration\./)
  const path = /What you wrote is kept in (\S+)/.exec(err)?.[1] ?? ''
  assert.match(readFileSync(path, 'utf8'), /every: often/)
  rmSync(dirname(path), { recursive: true })
})

test('when somebody was faster the file is kept and the version named', async () => {
  await using server = await startStubServer(({ method }) =>
    method === 'GET' ? { json: JOB } : problem(412, 'version_conflict', 'The job is at version 9 now.'),
  )
  const { code, err } = await carillon(edit(server.url), {
    tty: true,
    env: { EDITOR: "sed -i 's/30s/40s/'" },
  })
  assert.equal(code, 3)
  assert.match(err, /The job is at version 9 now/)
  const path = /What you wrote is kept in (\S+)/.exec(err)?.[1] ?? ''
  assert.ok(existsSync(path))
  rmSync(dirname(path), { recursive: true })
})

test('an editor that fails is named', async () => {
  await using server = await startStubServer(() => ({ json: JOB }))
  const { code, err } = await carillon(edit(server.url), { tty: true, env: { EDITOR: 'exit 3;' } })
  assert.equal(code, 1)
  assert.match(err, /The editor "exit 3;" ended with 3/)
  const path = /What you wrote is in (\S+)/.exec(err)?.[1] ?? ''
  rmSync(dirname(path), { recursive: true })
})

test('without a terminal there is nothing to edit in', async () => {
  await using server = await startStubServer(() => ({ json: JOB }))
  const { code, err } = await carillon(edit(server.url))
  assert.equal(code, 2)
  assert.match(err, /Use --set path=value, or -f file/)
})

test('a question is asked on a terminal, and no means no', async () => {
  await using server = await startStubServer(() => ({ status: 204 }))
  const no = await carillon(['--url', server.url, 'job', 'delete', 'ping'], { tty: true, keys: 'n' })
  assert.equal(no.code, 1)
  assert.match(no.err, /Delete the job "ping"\?/)
  assert.equal(server.asked.length, 0)
  const yes = await carillon(['--url', server.url, 'job', 'delete', 'ping'], { tty: true, keys: 'y' })
  assert.equal(yes.code, 0)
  const broken = await carillon(['--url', server.url, 'job', 'delete', 'ping'], { tty: true, keys: '\u0003' })
  assert.equal(broken.code, 130)
  const never = await carillon(['--url', server.url, '--no-input', 'job', 'delete', 'ping'], { tty: true })
  assert.equal(never.code, 2)
})

test('colours: on a terminal, unless forbidden; elsewhere only when forced', async () => {
  await using server = await startStubServer(() => ({ json: { items: [JOB], nextCursor: null } }))
  const list = ['--url', server.url, 'job', 'list']
  const coloured = async (args: string[], around: Parameters<typeof carillon>[1]): Promise<boolean> =>
    (await carillon(args, around)).out.includes('\u001b[')
  assert.equal(await coloured(list, { tty: true }), true)
  assert.equal(await coloured(list, {}), false)
  assert.equal(await coloured(list, { tty: true, env: { NO_COLOR: '1' } }), false)
  assert.equal(await coloured([...list, '--no-color'], { tty: true }), false)
  assert.equal(await coloured(list, { tty: true, env: { TERM: 'dumb' } }), false)
  assert.equal(await coloured(list, { env: { FORCE_COLOR: '1' } }), true)
})
