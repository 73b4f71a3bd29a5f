// Scripts over REST, the sdk and the command line: what is taken in, what is refused, and when one may go.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { createClient } from '../../src/sdk/index.ts'
import { carillon } from '../cli/cli.ts'
import { assertProblem, type House, openHouse } from '../rest/house.ts'
import { Folder } from '../support/folder.ts'

const CONTENT = Buffer.from('#!/usr/bin/env python3\nprint("☂")\n')
const SHA = createHash('sha256').update(CONTENT).digest('hex')
const OCTETS = { 'content-type': 'application/octet-stream' }

const upload = (house: House, raw: Buffer, query = '') =>
  house.ask('POST', `/v1/scripts${query}`, { raw, headers: OCTETS })

test('a script is known by its content', async () => {
  await using house = await openHouse()
  const first = await upload(house, CONTENT, '?name=report.py&interpreter=python3')
  assert.equal(first.status, 201)
  assert.equal(first.headers['location'], `/v1/scripts/${SHA}`)
  const again = await upload(house, CONTENT, '?name=other')
  assert.equal(again.status, 200)
  assert.deepEqual(again.body, first.body)
  const { createdBy, ...about } = first.body
  assert.match(String(createdBy), /^key_/)
  assert.deepEqual(about, {
    sha256: SHA,
    projectId: 'prj_default',
    name: 'report.py',
    interpreter: 'python3',
    bytes: CONTENT.length,
    createdAt: '2027-01-01T00:00:00.000Z',
  })
  assert.deepEqual((await house.ask('GET', `/v1/scripts/${SHA}`)).body, first.body)
  assert.deepEqual((await house.ask('GET', '/v1/scripts')).body, { items: [first.body], nextCursor: null })
  const blobs = await house.ctx.blobs.list('scripts/', { limit: 9 })
  assert.equal(blobs.length, 1)
})

test('what is no script is refused, with how to mend it', async () => {
  await using house = await openHouse()
  const refusals: [Buffer, string, string, string][] = [
    [Buffer.alloc(0), '', '', 'script_empty'],
    [Buffer.from('a\0b'), '', '', 'script_binary'],
    [Buffer.from('#!/bin/sh\r\necho\r\n'), '', '', 'script_line_ends'],
    [CONTENT, '?interpreter=/bin/sh', '?interpreter', 'interpreter_refused'],
    [CONTENT, `?sha256=${'0'.repeat(64)}`, '?sha256', 'script_mismatch'],
    [CONTENT, `?name=${'n'.repeat(201)}`, '?name', 'name_invalid'],
  ]
  for (const [raw, query, pointer, code] of refusals) {
    const { errors } = assertProblem(await upload(house, raw, query), 422, 'invalid')
    assert.deepEqual(
      errors.map((error) => [error.pointer, error.code]),
      [[pointer, code]],
    )
  }
  assertProblem(await upload(house, Buffer.alloc(4_194_305, 'x')), 413, 'body_too_large')
  const json = await house.ask('POST', '/v1/scripts', { body: { content: 'x' } })
  assertProblem(json, 415, 'unsupported_media_type')
  assertProblem(await house.ask('GET', `/v1/scripts/${SHA}`), 404, 'not_found')
  const reader = await house.key({ scopes: ['jobs:read'] })
  assertProblem(
    await house.ask('POST', '/v1/scripts', { raw: CONTENT, headers: OCTETS, key: reader }),
    403,
    'forbidden',
  )
  assert.deepEqual(await house.ctx.blobs.list('', { limit: 9 }), [])
})

test('one that a job uses stays', async () => {
  await using house = await openHouse()
  await upload(house, CONTENT)
  const job = { name: 'report', schedule: {}, target: { script: { sha256: SHA, interpreter: 'python3' } } }
  assert.equal((await house.ask('POST', '/v1/jobs', { body: job })).status, 201)
  assertProblem(await house.ask('DELETE', `/v1/scripts/${SHA}`), 409, 'in_use')
  assert.equal((await house.ask('DELETE', '/v1/jobs/report')).status, 204)
  assert.equal((await house.ask('DELETE', `/v1/scripts/${SHA}`)).status, 204)
  assertProblem(await house.ask('DELETE', `/v1/scripts/${SHA}`), 404, 'not_found')
})

test('other projects have scripts of their own', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'other' } })
  await upload(house, CONTENT, '?project=other')
  assertProblem(await house.ask('GET', `/v1/scripts/${SHA}`), 404, 'not_found')
  assert.equal((await house.ask('GET', `/v1/scripts/${SHA}?project=other`)).status, 200)
})

test('the command line uploads, lists, shows and deletes', async () => {
  using folder = new Folder()
  await using house = await openHouse()
  await house.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = house.app.server.address() as { port: number }
  const env = { CARILLON_URL: `http://127.0.0.1:${port}`, CARILLON_API_KEY: house.admin }
  const run = (...args: string[]) => carillon(['script', ...args], { env })
  writeFileSync(folder.file('report.py'), CONTENT)
  const uploaded = await run('upload', folder.file('report.py'), '--interpreter', 'python3')
  assert.deepEqual([uploaded.code, uploaded.out], [0, `${SHA}\n`])
  assert.match((await run('list')).out, new RegExp(`${SHA} +report.py +python3 +${CONTENT.length}`))
  assert.equal((await run('get', SHA, '--content')).out, CONTENT.toString())
  assert.match((await run('get', SHA)).out, /Name +report.py/)
  assert.equal((await run('delete', SHA, '-y')).code, 0)
  assert.equal((await run('get', SHA)).code, 3)
  assert.equal((await run('upload', folder.file('none'))).code, 2)
  const client = createClient({ url: env.CARILLON_URL, apiKey: house.admin })
  assert.equal((await client.scripts.upload(CONTENT)).sha256, SHA)
  assert.deepEqual(Buffer.from(await client.scripts.content(SHA)), CONTENT)
})
