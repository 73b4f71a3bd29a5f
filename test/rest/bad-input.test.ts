// The list of bad inputs, B1 to B74: what is sent, and status, code, where and which problem. After each the store is as it was and the
// server answers.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ACTS } from './bad-input-acts.ts'
import { ROWS } from './bad-input-rows.ts'
import { assertProblem, type House, openHouse, PING } from './house.ts'

/** The list of bad inputs has as many. */
const NUMBERS = 74

let house: House
let before_: string

const state = async (): Promise<string> =>
  JSON.stringify([
    await house.store.jobs.list({}, { limit: 100 }),
    await house.store.runs.list({}, { limit: 100 }),
    await house.store.projects.list({ limit: 100 }),
    // lastUsedAt moves with every request.
    (await house.store.keys.list({ limit: 100 })).items.map(({ id, hash }) => [id, hash]),
  ])

before(async () => {
  house = await openHouse()
  assert.equal((await house.ask('POST', '/v1/jobs', { body: PING })).status, 201)
  before_ = await state()
})
after(() => house[Symbol.asyncDispose]())

for (const [number, name, method, url, asking, status, code, pointer, problem] of ROWS) {
  test(`B${number} ${name}: ${status} ${code}`, async () => {
    const { errors } = assertProblem(await house.ask(method, url, asking), status, code)
    if (pointer !== undefined)
      assert.ok(
        errors.some((error) => error.pointer === pointer),
        JSON.stringify(errors),
      )
    if (problem !== undefined)
      assert.ok(
        errors.some((error) => error.code === problem),
        JSON.stringify(errors),
      )
    assert.equal(await state(), before_, 'nothing is stored')
    assert.equal((await house.ask('GET', '/livez', { key: null })).status, 200)
    assert.deepEqual(house.faults, [], 'nothing was our fault')
  })
}

for (const [number, name, act] of ACTS) test(`B${number} ${name}`, () => act(house))

test('no number is missing', () => {
  const numbers = new Set([...ROWS.map(([number]) => number), ...ACTS.map(([number]) => number)])
  const missing = Array.from({ length: NUMBERS }, (_, n) => n + 1).filter((number) => !numbers.has(number))
  assert.deepEqual(missing, [])
  assert.equal(numbers.size, NUMBERS)
})

test('a part that cannot be read does not hide what is wrong with the others', async () => {
  await using house = await openHouse()
  const reply = await house.ask('POST', '/v1/jobs', {
    body: {
      name: ' spaces ',
      shedule: {},
      schedule: { cron: '61 * * * *', timezone: 'Mars/Phobos' },
      target: { http: { url: 'ftp://example.com/' } },
      policy: { timeout: 5 },
      callback: { url: 'https://user:secret@example.com/' },
    },
  })
  const problems = assertProblem(reply, 422, 'invalid').errors.map(
    ({ pointer, code }) => `${pointer} ${code}`,
  )
  assert.deepEqual(problems.sort(), [
    '/callback/url url_credentials',
    '/name name_spaces',
    '/policy/timeout type',
    '/schedule/cron cron_field',
    '/schedule/timezone timezone_unknown',
    '/shedule unknown_field',
    '/target/http/url url_scheme',
  ])
  assert.deepEqual((await house.ask('GET', '/v1/jobs')).body['items'], [])
})

test('what was sent is not sent back as what was meant', async () => {
  await using house = await openHouse()
  const reply = await house.ask('POST', '/v1/jobs', { body: { ...PING, name: ` ${'x/'.repeat(35_000)}` } })
  assertProblem(reply, 422, 'invalid')
  const text = JSON.stringify(reply.body)
  assert.ok(text.length < 2_000, `${text.length} characters: ${text.slice(0, 300)}`)
})
