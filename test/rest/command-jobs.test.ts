// Jobs that run on agents: what is stored is what was sent, and what is wrong is told with its place.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
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
  ['a relative directory', { command: { argv: ['x'], cwd: 'x' } }, '/target/command/cwd cwd_invalid'],
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
