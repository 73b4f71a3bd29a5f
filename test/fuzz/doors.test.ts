// The doors of replaced systems, the bus and the gRPC listener, asked with something wrong each time.

import assert from 'node:assert/strict'
import { connect } from 'node:http2'
import { test } from 'node:test'
import type { Letter } from '../../src/doors/bus/letter.ts'
import { takeSimpleLetters } from '../../src/doors/bus/simple-scheduler-door.ts'
import { takeStatuses } from '../../src/doors/bus/status-door.ts'
import { openDcronHouse } from '../compat/dcron/dcron-house.ts'
import { rawCall } from '../compat/dcron/raw-call.ts'
import { openHouse, PING } from '../rest/house.ts'
import { fuzzDoors } from './doors.ts'
import { lehmer } from './fuzz.ts'
import { spoiled, VALUES } from './spoil.ts'

test('whatever is sent to a door, the answer is a good one', async (t) => {
  const { requests, slowestMs, statuses } = await fuzzDoors({ requests: 8_000, seed: 3 })
  t.diagnostic(`${requests} requests, the slowest ${Math.round(slowestMs)} ms: ${JSON.stringify(statuses)}`)
})

test('whatever workers write, it is taken or put aside, and no run changes by what means nothing', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/jobs', { body: { ...PING, schedule: {} } })
  const { body } = await house.ask<{ id: string }>('POST', '/v1/jobs/ping/trigger', { body: {} })
  const run = async (): Promise<string> => (await house.ask('GET', `/v1/runs/${body.id}`)).text
  const before = await run()
  const random = lehmer(7)
  const texts: (string | Buffer)[] = [
    '',
    '{',
    '[',
    'null',
    '"x"',
    '\u0000',
    '['.repeat(100_000),
    `{"runId":${'9'.repeat(5_000)}}`,
  ]
  const word = { runId: body.id, fence: 1, status: 'running', message: 'm', retryable: true }
  const shape = { properties: { runId: {}, fence: {}, status: {}, message: {}, retryable: {} } }
  for (const [, spoilt] of spoiled(word, shape, {})) texts.push(JSON.stringify(spoilt) ?? '')
  for (const value of VALUES)
    texts.push(JSON.stringify({ jobName: value, runId: body.id, status: value }) ?? '')
  for (let n = 0; n < 5_000; n += 1)
    texts.push(
      Buffer.from(Array.from({ length: Math.floor(random() * 64) }, () => Math.floor(random() * 256))),
    )
  const letters = texts.map((text): Letter => {
    const bytes = Buffer.from(text)
    return { body: bytes, bytes: bytes.length } as unknown as Letter
  })
  let told = 0
  const log = {
    dead: (reason: string) => {
      told += 1
      assert.doesNotMatch(reason, /SELECT|\.ts:\d|node_modules/)
    },
    dropped() {
      told += 1
    },
  }
  for (let n = 0; n < letters.length; n += 100) {
    const some = letters.slice(n, n + 100)
    assert.equal((await takeStatuses(house.ctx, some, log)).length, some.length)
    assert.equal((await takeSimpleLetters(house.ctx, 'ping', 'status', some, log)).length, some.length)
    assert.equal((await takeSimpleLetters(house.ctx, 'ping', 'heartbeat', some, log)).length, some.length)
  }
  assert.ok(told > letters.length)
  assert.equal(await run(), before)
  assert.deepEqual(house.faults, [])
})

test('whatever bytes come by gRPC, they are answered by a status', async () => {
  await using door = await openDcronHouse({ limits: { requestsPerMinute: 0, authFailuresPerMinute: 0 } })
  const random = lehmer(11)
  const paths = ['Public/NewJob', 'Public/GetJob', 'Public/DisableJob', 'Internal/ExecuteJob'].map(
    (path) => `/dcron.${path}`,
  )
  const session = connect(`http://${door.address}`)
  session.on('error', () => {})
  for (let n = 0; n < 2_000; n += 50) {
    const calls = Array.from({ length: 50 }, (_, m) => {
      const bytes = Buffer.from(
        Array.from({ length: Math.floor(random() * 80) }, () => Math.floor(random() * 256)),
      )
      const framed = Buffer.concat([Buffer.from([0, 0, 0, 0, bytes.length]), bytes])
      return rawCall(session, paths[m % paths.length]!, m % 3 === 0 ? bytes : framed)
    })
    for (const { headers, code } of await Promise.all(calls)) {
      const status = Number(headers['grpc-status'] ?? Number.NaN)
      assert.ok(Number.isInteger(status) || code !== 0, JSON.stringify(headers))
      assert.ok(![2, 13].includes(status), JSON.stringify(headers))
    }
  }
  session.destroy()
  assert.deepEqual(door.compat.house.faults, [])
})
