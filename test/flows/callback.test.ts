// Whoever asked to be told of the end of a run is told, again if need be, under an id that stays the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redeliverCallback } from '../../src/commands/callbacks.ts'
import { setSecret } from '../../src/commands/secret/secrets.ts'
import type { TokenMint } from '../../src/ports/token-mint.ts'
import { answered, HEARD, OK } from './scripted-world.ts'
import { HOUR, MINUTE, SECOND, Story, since } from './story.ts'

const callback = { url: 'http://ops.test/told' }
const DEAF = { ok: false, status: 500, message: 'answered 500' }

test('told once of each run that has ended, in the words of the API', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? OK : answered(404)))
  await story.job('bill', { callback })
  await story.advance(2 * MINUTE)
  const { told } = story.outside
  assert.deepEqual(
    told.map(({ at, run, url }) => [since(at), run.status, url]),
    [
      ['+60s', 'succeeded', callback.url],
      ['+120s', 'failed', callback.url],
    ],
  )
  const runs = await story.runs('bill')
  assert.deepEqual(
    told.map(({ run }) => run.id),
    runs.map(({ id }) => id),
  )
  assert.equal(new Set(told.map(({ id }) => id)).size, 2)
  await story.advance(HOUR - 2 * MINUTE)
  assert.equal(told.length, 60)
  assert.ok((await story.effects()).every(({ status, tries }) => status === 'delivered' && tries === 1))
})

test('a callback goes with every header it was given, or not at all', async () => {
  await using story = await Story.begin()
  const set = (value: string) => story.ask((ctx, who) => setSecret(ctx, who, { name: 'token' }, value))
  await set('first line\nsecond line')
  const headers = { Authorization: 'Bearer {{secret.token}}' }
  await story.job('bill', { schedule: { every: '1h' }, callback: { ...callback, headers } })
  await story.advance(HOUR + 2 * SECOND)
  assert.deepEqual(story.outside.told, [])
  const [effect] = await story.effects()
  const { deliveries } = (await story.disk.outbox.get(effect!.id))!
  assert.match(deliveries[0]!.message, /^a secret that stands in a header holds what a header cannot/)
  await set('a token of one line')
  await story.advance(MINUTE)
  assert.equal(story.outside.told.length, 1)
})

test('where no token can be made for it, the delivery says so', async () => {
  await using story = await Story.begin()
  const mint: TokenMint = {
    issuer: 'https://carillon.test',
    algorithm: 'ES256',
    keys: async () => [],
    mint: async () => {
      throw new Error('no key to sign with can be opened')
    },
  }
  await story.ask(async (ctx) => Object.assign(ctx, { mint }))
  const auth = { oidc: { audience: 'https://ops.test' } }
  await story.job('bill', { schedule: { every: '1h' }, callback: { ...callback, auth } })
  await story.advance(HOUR + SECOND)
  assert.deepEqual(story.outside.told, [])
  const [effect] = await story.effects()
  const { deliveries } = (await story.disk.outbox.get(effect!.id))!
  assert.equal(deliveries[0]!.message, 'no token can be made: no key to sign with can be opened')
})

test('a deaf receiver is told again after 1, 5 and 30 s, then it is a dead letter, which can be sent anew', async () => {
  await using story = await Story.begin()
  story.outside.hears = () => DEAF
  await story.job('bill', { schedule: { every: '1h' }, callback })
  await story.advance(HOUR + 10 * MINUTE)
  const { told } = story.outside
  assert.deepEqual(
    told.map(({ at }) => since(at)),
    ['+3600s', '+3601s', '+3606s', '+3636s'],
  )
  const [effect] = await story.effects()
  assert.deepEqual([effect?.status, effect?.tries, effect?.nextTryAt], ['dead', 4, null])
  assert.deepEqual(new Set(told.map(({ id }) => id)), new Set([effect?.id]))

  story.outside.hears = () => HEARD
  await story.ask((ctx, who) => redeliverCallback(ctx, who, effect!.id))
  await story.advance(SECOND)
  assert.equal(told.length, 5)
  assert.equal(told[4]?.id, effect?.id)
  const again = await story.disk.outbox.get(effect!.id)
  assert.equal(again?.effect.status, 'delivered')
  assert.deepEqual(
    again?.deliveries.map(({ number, ok }) => [number, ok]),
    [
      [1, false],
      [2, false],
      [3, false],
      [4, false],
      [5, true],
    ],
  )
})

test('its own delays, and only the ends it asked for', async () => {
  await using story = await Story.begin()
  story.outside.hears = (_, nth) => (nth < 3 ? DEAF : HEARD)
  story.outside.script('bill', (_, nth) => (nth === 2 ? answered(404) : OK))
  await story.job('bill', { callback: { ...callback, on: ['failed'], retryDelays: ['2s', '4s'] } })
  await story.advance(5 * MINUTE)
  assert.deepEqual(
    story.outside.told.map(({ at, run }) => [since(at), run.status]),
    [
      ['+120s', 'failed'],
      ['+122s', 'failed'],
      ['+126s', 'failed'],
    ],
  )
})

test('a server that dies between telling and writing it down tells again, under the same id', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '1h' }, callback })
  story.outside.hears = (_, nth) => {
    if (nth === 1) story.kill()
    return HEARD
  }
  await story.advance(HOUR)
  await story.start()
  await story.advance(5 * MINUTE)
  const { told } = story.outside
  assert.equal(told.length, 2)
  assert.equal(told[0]?.id, told[1]?.id)
  assert.equal((await story.effects())[0]?.status, 'delivered')
})

test('a stop in the middle of a telling is no failed try of the receiver', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '1h' }, callback: { ...callback, retryDelays: [] } })
  story.outside.hearsNever(1)
  await story.advance(HOUR)
  assert.equal(story.outside.told.length, 1)
  await story.stop()
  await story.start()
  await story.advance(5 * MINUTE)
  assert.deepEqual(
    story.outside.told.map(({ id }) => id),
    Array(2).fill(story.outside.told[0]?.id),
  )
  assert.equal((await story.effects())[0]?.status, 'delivered')
})

test('a receiver that never answers holds up nobody else', async () => {
  await using story = await Story.begin()
  story.outside.hearsNever(1)
  await story.job('stuck', { schedule: { at: '2030-01-01T00:00:55Z' }, callback })
  await story.job('bill', { callback })
  await story.advance(3 * MINUTE)
  assert.deepEqual(
    story.outside.told.map(({ at, run }) => `${run.job} ${since(at)}`),
    ['stuck +55s', 'bill +60s', 'stuck +66s', 'bill +120s', 'bill +180s'],
  )
})

test('in words of its own: the facts of the run are filled into its body', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? OK : answered(404)))
  const body = {
    text: '{{run.job}} {{run.status}}',
    reason: '{{run.error}}',
    attempts: '{{run.attemptCount}}',
  }
  const statusNames = { succeeded: 'done' }
  await story.job('bill', { callback: { ...callback, body, statusNames } })
  await story.advance(2 * MINUTE)
  assert.deepEqual(
    story.outside.told.map(({ run }) => run as unknown),
    [
      { text: 'bill done', attempts: 1 },
      { text: 'bill failed', reason: 'answered 404', attempts: 1 },
    ],
  )
})
