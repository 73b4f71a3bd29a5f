// Signatures as the Standard Webhooks specification has them, made by us and checked by the sdk.

import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import { signatureHeaders } from '../../src/dispatch/webhook-signature.ts'
import { verifyWebhook, WebhookError, type WebhookFault, type WebhookRules } from '../../src/sdk/webhook.ts'

/** The vector of the specification's own libraries. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const VECTOR = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: 1_614_265_330_000,
  body: Buffer.from('{"test": 2432232314}'),
}
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

const seed = Buffer.alloc(32, 7)
const PRIVATE = `whsk_${seed.toString('base64')}`
const PUBLIC = `whpk_${createPublicKey(
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  }),
)
  .export({ format: 'der', type: 'spki' })
  .subarray(-32)
  .toString('base64')}`

function headersOf(secrets: readonly string[], signed = VECTOR): Record<string, string> {
  const list = signatureHeaders(secrets, signed)
  return Object.fromEntries(list.flatMap((name, n) => (n % 2 === 0 ? [[name, list[n + 1]!]] : [])))
}

const check = (
  headers: Record<string, string>,
  rules: Partial<WebhookRules> = {},
  body: string | Uint8Array = VECTOR.body,
) => verifyWebhook({ headers, body }, { secrets: SECRET, now: VECTOR.at, ...rules })

function fails(promise: Promise<unknown>, fault: WebhookFault): Promise<void> {
  return assert.rejects(promise, (error) => error instanceof WebhookError && error.fault === fault)
}

test('the vector of the specification', async () => {
  const headers = headersOf([SECRET])
  assert.deepEqual(headers, {
    'webhook-id': VECTOR.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': SIGNATURE,
  })
  assert.deepEqual(await check(headers), { id: VECTOR.id, sentAt: new Date(VECTOR.at) })
  await check(headers, { secrets: SECRET.slice('whsec_'.length) })
  await verifyWebhook(
    { headers: new Headers(headers), body: VECTOR.body.toString() },
    { secrets: SECRET, now: VECTOR.at },
  )
})

test('what was changed on the way does not match', async () => {
  const headers = headersOf([SECRET])
  await fails(check(headers, {}, '{"test": 2432232315}'), 'no_match')
  await fails(check({ ...headers, 'webhook-id': 'msg_other' }), 'no_match')
  await fails(check({ ...headers, 'webhook-timestamp': '1614265331' }), 'no_match')
  await fails(check(headers, { secrets: `whsec_${Buffer.alloc(24).toString('base64')}` }), 'no_match')
  await fails(check({ ...headers, 'webhook-signature': SIGNATURE.replace('v1,', 'v2,') }), 'no_match')
  await fails(check({ ...headers, 'webhook-signature': SIGNATURE.replace('v1,', 'v1a,') }), 'no_match')
  await fails(check({ ...headers, 'webhook-signature': 'v1,%%% v1, , v1' }), 'no_match')
})

test('a time that is far away is refused, before anything is reckoned', async () => {
  const headers = headersOf([SECRET])
  await check(headers, { now: VECTOR.at + 300_000 })
  await check(headers, { now: VECTOR.at - 300_000 })
  await fails(check(headers, { now: VECTOR.at + 301_000 }), 'too_old')
  await fails(check(headers, { now: VECTOR.at - 301_000 }), 'too_new')
  for (const timestamp of ['x', '1e9', '-1', '1614265330.5'])
    await fails(check({ ...headers, 'webhook-timestamp': timestamp }), 'timestamp_invalid')
  for (const name of Object.keys(headers)) await fails(check({ ...headers, [name]: '' }), 'header_missing')
})

test('while secrets change, the old one and the new one both match', async () => {
  const young = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  const headers = headersOf([young, SECRET])
  assert.equal(headers['webhook-signature']?.split(' ').length, 2)
  await check(headers)
  await check(headers, { secrets: young })
  await check(headersOf([SECRET]), { secrets: [young, SECRET] })
})

test('v1a: signed with a private key, checked with the public one', async () => {
  const headers = headersOf([PRIVATE, SECRET])
  assert.match(headers['webhook-signature'] ?? '', /^v1a,\S+ v1,/)
  await check(headers, { secrets: PUBLIC })
  await check(headers)
  await fails(check(headers, { secrets: PUBLIC }, 'other'), 'no_match')
})

test('what is no secret is refused, and not repeated', async () => {
  for (const secret of ['password', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(100)}`, 'whsk_AAAA']) {
    assert.throws(
      () => headersOf([secret]),
      (error: Error) => !error.message.includes(secret.slice(6) || '\0'),
    )
  }
  await fails(check(headersOf([SECRET]), { secrets: 'whsec_c2hvcnQ=' }), 'secret_invalid')
})
