// Jobs that run on agents: what is stored is what was sent, and what is wrong is told with its place.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openSessionOf } from '../../src/commands/agent-session.ts'
import { assertProblem, type House, openHouse } from './house.ts'

let house: House
before(async () => {
  house = await openHouse()
})
after(() => house[Symbol.asyncDispose]())

const draft = (target: object, more: object = {}): object => ({
  name: `job-${Math.abs(JSON.stringify([target, more]).length)}`,
  schedule: { every: '1h' },
  target,
  ...more,
})

test('a command is stored as it was sent', async () => {
  const target = {
    command: { argv: ['backup', '; id'], env: { STAGE: 'x' }, on: { any: true, labels: { role: 'db' } } },
  }
  const reply = await house.ask<{ target: object }>('POST', '/v1/jobs', { body: draft(target) })
  assert.equal(reply.status, 201)
  assert.deepEqual(reply.body.target, target)
})

const ROWS: readonly (readonly [name: string, target: object, ...problems: string[]])[] = [
  ['nothing to do', {}, '/target exactly_one_of'],
  ['two things', { http: { url: 'https://a.example/' }, command: { shell: 'x' } }, '/target exactly_one_of'],
  ['an empty command', { command: { argv: [] } }, '/target/command/argv range'],
  ['argv as text', { command: { argv: 'rm -rf' } }, '/target/command/argv type'],
  ['a number in argv', { command: { argv: ['x', 5] } }, '/target/command/argv/1 type'],
  ['an unknown field', { command: { argv: ['x'], cmd: 'x' } }, '/target/command/cmd unknown_field'],
  [
    'LD_PRELOAD',
    { command: { argv: ['x'], env: { LD_PRELOAD: 'x' } } },
    '/target/command/env/LD_PRELOAD env_reserved',
  ],
  ['A=B', { command: { argv: ['x'], env: { 'A=B': 'x' } } }, '/target/command/env/A=B env_invalid'],
  [
    'NODE_OPTIONS',
    { command: { argv: ['x'], env: { NODE_OPTIONS: '--require=x' } } },
    '/target/command/env/NODE_OPTIONS env_reserved',
  ],
  ['a NUL in an argument', { command: { argv: ['x', 'a\0b'] } }, '/target/command/argv/1 invalid_text'],
  [
    'a NUL in a variable',
    { command: { argv: ['x'], env: { A: 'a\0b' } } },
    '/target/command/env/A invalid_text',
  ],
  [
    'more than a process can be started with',
    {
      command: { argv: ['x'], env: { A: 'x'.repeat(60_000), B: 'x'.repeat(60_000), C: 'x'.repeat(12_000) } },
    },
    '/target/command command_too_large',
  ],
  ['a relative directory', { command: { argv: ['x'], cwd: 'x' } }, '/target/command/cwd cwd_invalid'],
  ['a directory above', { command: { argv: ['x'], cwd: '/srv/../etc' } }, '/target/command/cwd cwd_invalid'],
  ['no program', { command: { argv: [' '] } }, '/target/command/argv/0 command_empty'],
  ['no line', { command: { shell: '' } }, '/target/command/shell command_empty'],
  [
    'an interpreter by its path',
    { script: { sha256: 'ab'.repeat(32), interpreter: '/bin/sh' } },
    '/target/script/interpreter interpreter_invalid',
  ],
  [
    'an interpreter that is not configured',
    { script: { sha256: 'ab'.repeat(32), interpreter: 'cobol' } },
    '/target/script/interpreter interpreter_refused',
  ],
  ['on any: false', { command: { argv: ['x'], on: { any: false } } }, '/target/command/on/any type'],
  ['no interpreter', { script: { sha256: 'ab'.repeat(32) } }, '/target/script/interpreter required'],
  ['a wrong hash', { script: { sha256: 'ab', interpreter: 'bash' } }, '/target/script/sha256 sha256_invalid'],
]

for (const [name, target, ...problems] of ROWS) {
  test(name, async () => {
    const reply = await house.ask('POST', '/v1/jobs', { body: draft(target) })
    const { errors } = assertProblem(reply, 422, 'invalid')
    assert.deepEqual(
      errors.map(({ pointer, code }) => `${pointer} ${code}`),
      problems,
    )
  })
}

test('where no agent is there for it, the job is created, and that is said', async () => {
  await using own = await openHouse()
  type Made = { warnings: { code: string; detail: string }[] }
  const target = { command: { argv: ['x'], on: { labels: { role: 'gpu' } } } }
  const body = draft(target, { policy: { queueTimeout: '10m' } })
  const lonely = await own.ask<Made>('POST', '/v1/jobs', { body })
  assert.equal(lonely.status, 201)
  assert.deepEqual(lonely.body.warnings, [
    {
      code: 'no_agent',
      detail:
        'No agent with the labels role=gpu is there now. Runs wait for 10m, then they are missed: no_agent.',
    },
  ])
  const agent = await own.store.agents.ensure({
    ...{ id: 'agt_1', name: 'gpu-1', keyId: 'agt_1', granted: { role: 'gpu' }, projectIds: null },
    ...{ hostname: 'h', version: '1', createdAt: own.clock.now() },
  })
  const about = { hostname: 'h', pid: 1, version: '1', labels: {}, slots: 1, held: [] }
  await openSessionOf(own.ctx, agent!, about)
  const jobs = [
    { ...draft(target), name: 'a' },
    { ...draft({ command: { argv: ['x'] } }), name: 'b' },
  ]
  const batch = await own.ask<{ items: { job: Made }[] }>('POST', '/v1/jobs/batch', { body: { jobs } })
  assert.deepEqual(
    batch.body.items.map(({ job }) => job.warnings),
    [[], []],
  )
  own.clock.advance(own.ctx.limits.agentLeaseMs + 1)
  const { name, ...same } = draft(target) as { name: string }
  const away = await own.ask<Made>('PUT', '/v1/jobs/a', { body: { ...same, name: 'a' } })
  assert.match(away.body.warnings[0]?.detail ?? away.text, /Runs wait until one comes/)
})

test('no timeout is for what reports by itself', async () => {
  const policy = { timeout: '0s' }
  const told = await house.ask('POST', '/v1/jobs', {
    body: draft({ http: { url: 'https://a.example/' } }, { policy }),
  })
  assert.equal(assertProblem(told, 422, 'invalid').errors[0]?.pointer, '/policy/timeout')
  for (const target of [{ command: { shell: 'x' } }]) {
    const reply = await house.ask('POST', '/v1/jobs', { body: draft(target, { policy }) })
    assert.equal(reply.status, 201, reply.text)
  }
})
