// Bad inputs that are no one request to the API: frames, sequences of requests, other doors, the command line, the
// configuration. What is sent, and what must come back, under the same numbers as bad-input-rows.ts.

import assert from 'node:assert/strict'
import { connect } from 'node:http2'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import type { Letter } from '../../src/doors/bus/letter.ts'
import { takeStatuses } from '../../src/doors/bus/status-door.ts'
import { sweeperTick } from '../../src/engine/sweeper.ts'
import { readDiskFile } from '../../src/main/config/process.ts'
import { carillon } from '../cli/cli.ts'
import { openDcronHouse } from '../compat/dcron/dcron-house.ts'
import { rawCall } from '../compat/dcron/raw-call.ts'
import { FORBIDDEN_HOSTS } from '../dispatch/address-vectors.ts'
import { Folder } from '../support/folder.ts'
import { assertProblem, type House, openHouse, PING } from './house.ts'
import { exchange, listen, parseReply } from './raw-socket.ts'

export type Act = readonly [number: number, name: string, act: (house: House) => Promise<void>]

const head = (line: string, ...headers: string[]): string =>
  `${[line, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`

/** A server on a port of its own, for what no client would send. */
async function onWire(
  act: (send: (...parts: string[]) => Promise<number>, key: string) => Promise<void>,
): Promise<void> {
  await using house = await openHouse()
  const port = await listen(house)
  await act(
    async (...parts) => parseReply(await exchange(port, ...parts)).status,
    `Authorization: Bearer ${house.admin}`,
  )
  assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200, 'it still answers')
  assert.deepEqual(house.faults, [])
}

const trigger = async (house: House, job: string): Promise<string> =>
  (await house.ask<{ id: string }>('POST', `/v1/jobs/${job}/trigger`, { body: {} })).body.id

/** A house of its own, with a job that rings only when asked to. */
async function withJob(
  act: (house: House) => Promise<void>,
  parts: Parameters<typeof openHouse>[0] = {},
): Promise<void> {
  await using house = await openHouse(parts)
  const made = await house.ask('POST', '/v1/jobs', { body: { ...PING, schedule: {} } })
  assert.equal(made.status, 201, made.text)
  await act(house)
  assert.deepEqual(house.faults, [])
}

const letter = (value: unknown): Letter => {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  return { body, bytes: body.length } as unknown as Letter
}

export const ACTS: readonly Act[] = [
  [
    5,
    'a body that does not say how long it is',
    () =>
      onWire(async (send, key) => {
        const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
        const lines = head(
          'POST /v1/jobs HTTP/1.1',
          key,
          'Content-Type: application/json',
          'Transfer-Encoding: chunked',
        )
        assert.equal(await send(lines, chunk.repeat(17)), 413)
      }),
  ],
  [
    14,
    'headers of 64 KB, two thousand headers, a path of 100 KB',
    () =>
      onWire(async (send) => {
        assert.equal(await send(head('GET /livez HTTP/1.1', `X-A: ${'a'.repeat(65_536)}`)), 431)
        const many = Array.from({ length: 2_000 }, (_, n) => `X${n}: 1`)
        assert.equal(await send(head('GET /livez HTTP/1.1', 'Connection: close', ...many)), 431)
        assert.equal(await send(head(`GET /${'a'.repeat(100_000)} HTTP/1.1`)), 414)
      }),
  ],
  [
    15,
    'two lengths, and a chunk that is none',
    () =>
      onWire(async (send, key) => {
        const json = 'Content-Type: application/json'
        const both = head(
          'POST /v1/jobs HTTP/1.1',
          key,
          json,
          'Content-Length: 5',
          'Transfer-Encoding: chunked',
        )
        assert.equal(await send(`${both}0\r\n\r\n`), 400)
        const chunked = head('POST /v1/jobs HTTP/1.1', key, json, 'Transfer-Encoding: chunked')
        assert.equal(await send(`${chunked}zz\r\n{}\r\n0\r\n\r\n`), 400)
      }),
  ],
  [
    24,
    'both kinds of day: taken, with a warning that says which counts',
    (house) =>
      withJob(async (own) => {
        assert.notEqual(own, house)
        const body = { ...PING, name: 'both', schedule: { cron: '0 0 13 * 5' } }
        const made = await own.ask<{ warnings: { code: string; detail: string }[] }>('POST', '/v1/jobs', {
          body,
        })
        assert.equal(made.status, 201)
        assert.match(JSON.stringify(made.body.warnings), /either|or /i)
      }),
  ],
  [
    34,
    `${FORBIDDEN_HOSTS.length} spellings of a forbidden address, one text`,
    async () => {
      const guard = createAddressGuard({ allowPrivate: false, allow: [], deny: [] })
      await using house = await openHouse({ mayCall: (url) => guard.checkUrl(url) })
      const texts = new Set<string>()
      for (const [host] of FORBIDDEN_HOSTS) {
        const body = { ...PING, name: 'inside', target: { http: { url: `http://${host}:8080/` } } }
        const { errors } = assertProblem(await house.ask('POST', '/v1/jobs', { body }), 422, 'invalid')
        const [problem] = errors
        assert.deepEqual([problem?.pointer, problem?.code], ['/target/http/url', 'target_forbidden'], host)
        texts.add(problem!.detail)
      }
      assert.equal(texts.size, 1)
    },
  ],
  [
    35,
    'a name that leads inside is refused when it rings',
    async () => {
      const inside = [{ address: '127.0.0.1', family: 4 }]
      const guard = createAddressGuard({ allowPrivate: false, allow: [], deny: [] }, (_, __, done) =>
        done(null, inside),
      )
      assert.equal(guard.judgeHost('rebound.example'), 'resolve')
      const refusal = await new Promise<NodeJS.ErrnoException | null>((resolve) =>
        guard.lookup('rebound.example', { all: true }, (error) => resolve(error)),
      )
      assert.equal(refusal?.code, 'TARGET_FORBIDDEN')
    },
  ],
  [
    38,
    'a body that is no JSON although it says so: taken, with a warning',
    () =>
      withJob(async (house) => {
        const headers = { 'Content-Type': 'application/json' }
        const target = { http: { ...PING.target.http, method: 'POST', headers, body: '{"a":' } }
        const made = await house.ask<{ warnings: { code: string }[] }>('POST', '/v1/jobs', {
          body: { ...PING, name: 'no-json', target },
        })
        assert.equal(made.status, 201, made.text)
        assert.deepEqual(
          made.body.warnings.map(({ code }) => code),
          ['body_not_json'],
        )
      }),
  ],
  [
    40,
    'what looks like a template stays a text: nothing is evaluated, nothing is filled in, and what was meant for us is warned of',
    () =>
      withJob(async (house) => {
        for (const [n, [text, warned]] of (
          [
            ["{{constructor.constructor('return process')()}}", []],
            ['{{run.nothing}}', ['place_unfilled']],
            ['{{run.dueAt', ['place_unfilled']],
          ] as const
        ).entries()) {
          const body = {
            ...PING,
            name: `template-${n}`,
            target: { http: { ...PING.target.http, body: text } },
          }
          const { status, body: job } = await house.ask<{
            target: { http: { body: string } }
            warnings: { code: string }[]
          }>('POST', '/v1/jobs', { body })
          assert.deepEqual([status, job.target.http.body], [201, text])
          assert.deepEqual(
            job.warnings.map(({ code }) => code),
            warned,
          )
        }
      }),
  ],
  [
    44,
    'labels that no agent has: taken, with a warning',
    () =>
      withJob(async (house) => {
        const target = { command: { argv: ['id'], on: { any: true, labels: { rack: 'none' } } } }
        const made = await house.ask<{ warnings: unknown[] }>('POST', '/v1/jobs', {
          body: { ...PING, name: 'nobody', target },
        })
        assert.equal(made.status, 201)
        assert.match(JSON.stringify(made.body.warnings), /agent/)
      }),
  ],
  [
    48,
    'words of workers that mean nothing are put aside with a reason',
    () =>
      withJob(async (house) => {
        const run = await trigger(house, 'ping')
        const reasons: string[] = []
        const log = { dead: (reason: string) => reasons.push(reason), dropped() {} }
        const letters = [
          letter('{"runId":'),
          letter('[]'),
          letter({ runId: 'run_none', fence: 1, status: 'running' }),
          letter({ runId: run, fence: 1, status: 'done' }),
          letter({ runId: run, fence: 0, status: 'running' }),
          letter({ runId: '../etc', fence: 1, status: 'running' }),
          letter({ runId: run, fence: 1, status: 'running', message: 5 }),
        ]
        const before = (await house.ask('GET', `/v1/runs/${run}`)).text
        const verdicts = await takeStatuses(house.ctx, letters, log)
        assert.deepEqual([...new Set(verdicts.map(({ kind }) => kind))].includes('dead'), true)
        assert.ok(reasons.length >= letters.length - 1, reasons.join('\n'))
        assert.equal((await house.ask('GET', `/v1/runs/${run}`)).text, before, 'the run is as it was')
      }),
  ],
  [
    51,
    'a change that names no version, where it must',
    () =>
      withJob(
        async (house) => {
          const body = { description: 'changed' }
          const { errors } = assertProblem(
            await house.ask('PATCH', '/v1/jobs/ping', { body }),
            428,
            'precondition_required',
          )
          assert.equal(errors[0]?.pointer, 'header:If-Match')
          assertProblem(await house.ask('PUT', '/v1/jobs/ping', { body: PING }), 428, 'precondition_required')
          assertProblem(
            await house.ask('PATCH', '/v1/projects/default', { body }),
            428,
            'precondition_required',
          )
          assert.equal((await house.ask('GET', '/v1/jobs/ping')).body['version'], 1)
          const changed = async (version: string): Promise<number> =>
            (await house.ask('PATCH', '/v1/jobs/ping', { body, headers: { 'if-match': version } })).status
          assert.deepEqual([await changed('"1"'), await changed('"1"'), await changed('*')], [200, 412, 200])
          assert.equal((await house.ask('DELETE', '/v1/jobs/ping')).status, 204)
        },
        { limits: { requireIfMatch: true } },
      ),
  ],
  [
    54,
    'a key of idempotency for another request, and twice at once',
    () =>
      withJob(async (house) => {
        const headers = { 'idempotency-key': 'once' }
        const first = await house.ask<{ id: string }>('POST', '/v1/jobs/ping/trigger', { headers, body: {} })
        const again = await house.ask<{ id: string }>('POST', '/v1/jobs/ping/trigger', { headers, body: {} })
        assert.equal(again.body.id, first.body.id)
        const other = await house.ask('POST', '/v1/jobs/ping/trigger', {
          headers,
          body: { params: { other: 1 } },
        })
        assertProblem(other, 422, 'idempotency_key_reuse')
        const both = await Promise.all(
          [1, 2].map(() =>
            house.ask('POST', '/v1/jobs/ping/trigger', { headers: { 'idempotency-key': 'two' }, body: {} }),
          ),
        )
        assert.ok(both.every(({ status }) => status === 201 || status === 409))
        assert.equal(
          new Set(both.filter(({ status }) => status === 201).map(({ body }) => body['id'])).size,
          1,
        )
      }),
  ],
  [
    55,
    'a trigger of a paused and of a deleted job',
    () =>
      withJob(async (house) => {
        await house.ask('POST', '/v1/jobs/ping/pause', { body: {} })
        assertProblem(await house.ask('POST', '/v1/jobs/ping/trigger', { body: {} }), 409, 'job_paused')
        await house.ask('DELETE', '/v1/jobs/ping')
        assertProblem(await house.ask('POST', '/v1/jobs/ping/trigger', { body: {} }), 404, 'not_found')
      }),
  ],
  [
    50,
    'a token that is written into a callback: taken, with a warning',
    () =>
      withJob(async (house) => {
        await house.ask('PUT', '/v1/secrets/token', { body: { value: 'a token of some length' } })
        const codes = async (name: string, Authorization: string): Promise<string[]> => {
          const callback = { url: 'https://example.com/', headers: { Authorization } }
          const made = await house.ask<{ warnings: { code: string }[] }>('POST', '/v1/jobs', {
            body: { ...PING, name, callback },
          })
          assert.equal(made.status, 201, made.text)
          return made.body.warnings.map(({ code }) => code)
        }
        assert.deepEqual(await codes('plain', 'Bearer abc'), ['credential_readable'])
        assert.deepEqual(await codes('named', 'Bearer {{secret.token}}'), [])
      }),
  ],
  [
    56,
    'the end of a run that has ended, another try of one that has not',
    () =>
      withJob(async (house) => {
        const run = await trigger(house, 'ping')
        assertProblem(await house.ask('POST', `/v1/runs/${run}/retry`), 409, 'run_not_final')
        assert.equal((await house.ask('POST', `/v1/runs/${run}/cancel`)).status, 200)
        assertProblem(await house.ask('POST', `/v1/runs/${run}/cancel`), 409, 'run_final')
      }),
  ],
  [
    56,
    'another try of a run that was forgotten',
    () =>
      withJob(async (house) => {
        const run = await trigger(house, 'ping')
        assert.equal((await house.ask('POST', `/v1/runs/${run}/cancel`)).status, 200)
        await house.clock.advance(2 * 86_400_000)
        await sweeperTick(house.ctx, { defaultDays: 1 }, 100)
        assertProblem(await house.ask('GET', `/v1/runs/${run}`), 404, 'not_found')
        assertProblem(await house.ask('POST', `/v1/runs/${run}/retry`), 404, 'not_found')
      }),
  ],
  [
    59,
    'two ways to say who one is, at once',
    () =>
      onWire(async (send, key) => {
        assert.equal(await send(head('GET /v1/jobs HTTP/1.1', key, key, 'Connection: close')), 401)
      }),
  ],
  [
    61,
    'a key that has expired, and one that was revoked',
    () =>
      withJob(async (house) => {
        const expiresAt = new Date(house.clock.now() + 60_000).toISOString()
        const short = await house.ask<{ secret: string }>('POST', '/v1/keys', {
          body: { name: 'short', scopes: ['jobs:read'], expiresAt },
        })
        const key = short.body.secret
        assert.equal((await house.ask('GET', '/v1/jobs', { key })).status, 200)
        await house.clock.advance(60_000)
        assertProblem(await house.ask('GET', '/v1/jobs', { key }), 401, 'unauthenticated')
        const lost = await house.ask<{ id: string; secret: string }>('POST', '/v1/keys', {
          body: { name: 'lost', scopes: ['jobs:read'] },
        })
        await house.ask('DELETE', `/v1/keys/${lost.body.id}`)
        assertProblem(await house.ask('GET', '/v1/jobs', { key: lost.body.secret }), 401, 'unauthenticated')
      }),
  ],
  [
    62,
    'a key that lacks the scope is told which',
    () =>
      withJob(async (house) => {
        const key = await house.key({ scopes: ['jobs:read'] })
        const { detail } = assertProblem(
          await house.ask('DELETE', '/v1/jobs/ping', { key }),
          403,
          'forbidden',
        )
        assert.match(detail, /jobs:write/)
      }),
  ],
  [
    63,
    'what belongs to others is not there, word for word as if it had never been',
    () =>
      withJob(async (house) => {
        await house.ask('POST', '/v1/projects', { body: { name: 'others' } })
        const key = await house.key({ scopes: ['admin'], projects: ['others'] })
        const { body } = await house.ask<{ id: string }>('GET', '/v1/jobs/ping')
        const theirs = assertProblem(await house.ask('GET', `/v1/jobs/${body.id}`, { key }), 404, 'not_found')
        const none = body.id.replace(/....$/, '0000')
        const nobodys = assertProblem(await house.ask('GET', `/v1/jobs/${none}`, { key }), 404, 'not_found')
        assert.equal(theirs.detail.replace(body.id, ''), nobodys.detail.replace(none, ''))
      }),
  ],
  [
    64,
    'too many requests: told when to come again',
    () =>
      withJob(
        async (house) => {
          const replies = []
          for (let n = 0; n < 8; n += 1) replies.push(await house.ask('GET', '/v1/jobs'))
          const late = replies.find(({ status }) => status === 429)
          assert.ok(late !== undefined, replies.map(({ status }) => status).join())
          assert.match(String(late.headers['retry-after']), /^\d+$/)
        },
        { limits: { requestsPerMinute: 5 } },
      ),
  ],
  [
    65,
    'a key that would make one which may do more',
    () =>
      withJob(async (house) => {
        await house.ask('POST', '/v1/projects', { body: { name: 'others' } })
        const key = await house.key({ scopes: ['admin'], projects: ['default'] })
        const body = { name: 'more', scopes: ['admin'], projects: ['others'] }
        const reply = await house.ask('POST', '/v1/keys', { key, body })
        assert.ok(reply.status === 403 || reply.status === 404, reply.text)
        const weak = await house.key({ scopes: ['jobs:write'] })
        assertProblem(await house.ask('POST', '/v1/keys', { key: weak, body }), 403, 'forbidden')
      }),
  ],
  [
    65,
    'a key of a name that is taken is another key',
    () =>
      withJob(async (house) => {
        const made = async (): Promise<{ id: string; secret: string }> => {
          const body = { name: 'deploy', scopes: ['jobs:read'] }
          const reply = await house.ask<{ id: string; secret: string }>('POST', '/v1/keys', { body })
          assert.equal(reply.status, 201, reply.text)
          return reply.body
        }
        const [old, young] = [await made(), await made()]
        assert.notEqual(old.id, young.id)
        await house.ask('DELETE', `/v1/keys/${old.id}`)
        assertProblem(await house.ask('GET', '/v1/jobs', { key: old.secret }), 401, 'unauthenticated')
        assert.equal((await house.ask('GET', '/v1/jobs', { key: young.secret })).status, 200)
      }),
  ],
  [
    66,
    'a secret that jobs use is not taken away from them',
    () =>
      withJob(async (house) => {
        const put = await house.ask('PUT', '/v1/secrets/token', { body: { value: 'a long enough value' } })
        assert.ok(put.status < 300, put.text)
        const target = {
          http: { ...PING.target.http, headers: { Authorization: 'Bearer {{secret.token}}' } },
        }
        assert.equal(
          (await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'uses', target } })).status,
          201,
        )
        const { detail } = assertProblem(await house.ask('DELETE', '/v1/secrets/token'), 409, 'in_use')
        assert.match(detail, /uses/)
      }),
  ],
  [
    67,
    'gRPC: too long a message, bytes that are no message, an unknown call, endless metadata',
    async () => {
      await using door = await openDcronHouse()
      const session = connect(`http://${door.address}`)
      try {
        const status = async (
          path: string,
          body: Buffer,
          more: Record<string, string> = {},
        ): Promise<number> => {
          const { headers, code } = await rawCall(session, path, body, more)
          return headers['grpc-status'] === undefined ? -code : Number(headers['grpc-status'])
        }
        const frame = (bytes: Buffer): Buffer =>
          Buffer.concat([Buffer.from([0, 0, 0, 0, bytes.length]), bytes])
        assert.notEqual(await status('/dcron.Public/GetJob', Buffer.from([0, 0x7f, 0xff, 0xff, 0xff])), 0)
        assert.notEqual(await status('/dcron.Public/GetJob', frame(Buffer.from([0xff, 0xff, 0xff]))), 0)
        assert.notEqual(await status('/dcron.Public/GetJob', frame(Buffer.from([0x0a, 2, 0xff, 0xfe]))), 0)
        assert.equal(await status('/dcron.Public/Nothing', frame(Buffer.alloc(0))), 12)
        assert.notEqual(
          await status('/dcron.Public/GetJob', frame(Buffer.alloc(0)), { 'x-a': 'a'.repeat(60_000) }),
          0,
        )
      } finally {
        session.destroy()
      }
      const called = await door.client.call('GetJob', { name: 'none' })
      assert.ok(called.ok || called.code !== 14, 'it still answers')
      assert.deepEqual(door.compat.house.faults, [])
    },
  ],
  [
    68,
    'an agent without a session, and one that speaks under another one’s fence',
    () =>
      withJob(async (house) => {
        const { body: token } = await house.ask<{ secret: string }>('POST', '/v1/agent-tokens', {
          body: { projects: ['default'] },
        })
        const joined = { token: token.secret, name: 'a', hostname: 'far', version: '1' }
        const { secret: key } = (
          await house.ask<{ secret: string }>('POST', '/v1/agents/join', { body: joined })
        ).body
        const none = '/v1/agents/self/sessions/nod_none'
        const lease = await house.ask('POST', `${none}/lease`, { key, body: { slots: 1 } })
        assert.ok(lease.status === 404 || lease.status === 409, lease.text)
        const session = { hostname: 'far', pid: 1, version: '1', labels: {}, slots: 1, held: [] }
        const { session: id } = (
          await house.ask<{ session: string }>('POST', '/v1/agents/self/sessions', { key, body: session })
        ).body
        const run = await trigger(house, 'ping')
        const log = `/v1/agents/self/sessions/${id}/logs/${run}/1/0/9/chunks/5`
        const headers = { 'content-type': 'application/octet-stream' }
        const reply = await house.ask('POST', log, { key, headers, raw: 'x' })
        assert.ok([404, 405, 409, 422].includes(reply.status), reply.text)
      }),
  ],
  [
    69,
    'a batch of good and bad jobs: none of them, or each for itself',
    () =>
      withJob(async (house) => {
        const jobs = [
          { ...PING, name: 'good' },
          { ...PING, name: 'bad', schedule: { cron: '60 * * * *' } },
        ]
        assertProblem(await house.ask('POST', '/v1/jobs/batch', { body: { jobs } }), 422, 'invalid')
        assert.equal((await house.ask('GET', '/v1/jobs/good')).status, 404)
      }),
  ],
  [
    70,
    'the command line: an unknown command, an unknown flag, a file that is not there',
    async () => {
      const env = { CARILLON_URL: 'http://127.0.0.1:9', CARILLON_API_KEY: 'carillon_x' }
      for (const args of [
        ['jbo'],
        ['job', 'list', '--colour'],
        ['job', 'get'],
        ['job', 'import', '/nowhere/jobs.yaml'],
      ]) {
        const { code, err } = await carillon(args, { env })
        assert.equal(code, 2, `${args.join(' ')}: ${code} ${err}`)
        assert.match(err, /^error: /)
        assert.doesNotMatch(err, /\n {4}at /)
      }
    },
  ],
  [
    71,
    'the command line: nobody answers',
    async () => {
      const { code, err } = await carillon(['--url', 'http://127.0.0.1:9', 'job', 'list'], {
        env: { CARILLON_API_KEY: 'x' },
      })
      assert.equal(code, 6)
      assert.match(err, /^error: .*\nhint: /)
    },
  ],
  [
    72,
    'a name that is a script stays a text, and a second click is no second run',
    () =>
      withJob(async (house) => {
        const name = '<img src=x onerror=alert(1)>'
        const made = await house.ask('POST', '/v1/jobs', { body: { ...PING, name, schedule: {} } })
        assert.equal(made.status, 201, made.text)
        assert.match(made.headers['content-type'] ?? '', /^application\/json/)
        assert.equal(made.headers['x-content-type-options'], 'nosniff')
        const headers = { 'idempotency-key': 'click' }
        const clicks = await Promise.all(
          [1, 2].map(() => house.ask<{ id: string }>('POST', '/v1/jobs/ping/trigger', { headers, body: {} })),
        )
        assert.equal(new Set(clicks.flatMap(({ status, body }) => (status === 201 ? [body.id] : []))).size, 1)
      }),
  ],
  [
    73,
    'a configuration with mistakes: all of them at once, exit 78',
    async () => {
      using folder = new Folder()
      const env = {
        CARILLON_DATA_DIR: folder.path,
        CARILLON_LISTEN: 'nowhere',
        CARILLON_SLOTS: 'many',
        CARILLON_ADMIN_KEY: 'short',
        CARILLON_SLOTTS: '5',
      }
      const { code, err, out } = await carillon(['check'], { env })
      assert.equal(code, 78)
      for (const name of ['CARILLON_LISTEN', 'CARILLON_SLOTS', 'CARILLON_ADMIN_KEY', 'CARILLON_SLOTTS'])
        assert.match(err + out, new RegExp(name))
      assert.throws(() => readDiskFile(folder.file('carillon.db')) ?? assert.fail('nothing was started'))
    },
  ],
  [
    74,
    'a date that is none, in a condition that nothing here knows: as if it were not there',
    (house) =>
      withJob(async (own) => {
        assert.notEqual(own, house)
        for (const name of ['if-modified-since', 'if-unmodified-since'])
          for (const date of ['garbage', 'Sun, 30 Feb 2027 25:61:61 GMT', '9'.repeat(500)])
            assert.equal((await own.ask('GET', '/v1/jobs/ping', { headers: { [name]: date } })).status, 200)
      }),
  ],
]
