// Behind a proxy: who calls is whom it names, and nobody else is believed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditChain, AuditPage } from '../../src/protocol/audit.ts'
import { verifyAudit } from '../../src/sdk/audit.ts'
import { type Asking, type House, openHouse } from './house.ts'

const PROXY = '10.1.2.3'
const STRANGER = '203.0.113.9'
const limits = { authFailuresPerMinute: 2 }

async function guess(house: House, from: string, forwardedFor: string): Promise<number> {
  const asking: Asking = { key: 'wrong', from, headers: { 'x-forwarded-for': forwardedFor } }
  return (await house.ask('GET', '/v1/jobs', asking)).status
}

test('guesses are counted by whom the proxy names, so nobody is held up for another', async () => {
  await using house = await openHouse({ limits, proxies: ['10.1.0.0/16'] })
  const [one, other] = ['198.51.100.7', '198.51.100.8']
  const guesses = async (by: string): Promise<number[]> => {
    const statuses: number[] = []
    for (let n = 0; n < 3; n += 1) statuses.push(await guess(house, PROXY, by))
    return statuses
  }
  assert.deepEqual(await guesses(one), [401, 401, 429])
  assert.equal(await guess(house, PROXY, other), 401)
  // What came with the request, left of what the proxy added, changes nothing.
  assert.equal(await guess(house, PROXY, `192.0.2.77, ${one}`), 429)
  assert.equal(await guess(house, '10.1.9.9', one), 429, 'by another proxy it is the same caller')
})

test('whoever is no proxy of ours counts as one caller, whatever they send', async () => {
  for (const proxies of [[], ['10.1.0.0/16']]) {
    await using house = await openHouse({ limits, proxies })
    const statuses: number[] = []
    for (const n of [1, 2, 3]) statuses.push(await guess(house, STRANGER, `198.51.100.${n}`))
    assert.deepEqual(statuses, [401, 401, 429])
  }
})

test('the audit says from where a change was asked for, as far as that can be known', async () => {
  await using house = await openHouse({ proxies: [PROXY] })
  const headers = { 'x-forwarded-for': '192.0.2.77, 198.51.100.7' }
  const write = async (from: string): Promise<unknown> => {
    const body = { name: `by-${from}`, scopes: ['jobs:read'] }
    assert.equal((await house.ask('POST', '/v1/keys', { from, headers, body })).status, 201)
    const { body: page } = await house.ask<AuditPage>('GET', '/v1/audit?limit=1')
    return page.items[0]!.detail['address']
  }
  assert.equal(await write(PROXY), '198.51.100.7', 'whom the proxy was called by')
  assert.equal(await write(STRANGER), STRANGER, 'the connection, whatever its caller says')
  const { body } = await house.ask<AuditChain>('GET', '/v1/audit/chain')
  assert.equal((await verifyAudit(body.items)).ok, true)
})

test('nobody holds up a caller by naming them', async () => {
  await using house = await openHouse({ limits, proxies: ['10.1.0.0/16'] })
  for (let n = 0; n < 3; n += 1) await guess(house, STRANGER, '198.51.100.7')
  assert.equal(await guess(house, PROXY, '198.51.100.7'), 401)
})

test('a cookie is for TLS alone where the proxy was called by it, and nobody else says so', async () => {
  await using house = await openHouse({ proxies: [PROXY] })
  const cookie = async (from: string, proto?: string): Promise<string> => {
    const said = proto === undefined ? {} : { 'x-forwarded-proto': proto }
    const headers = { 'sec-fetch-site': 'same-origin', ...said }
    const body = { key: house.admin }
    const { headers: got } = await house.ask('POST', '/v1/visit', { key: null, from, body, headers })
    return String(got['set-cookie'])
  }
  assert.match(await cookie(PROXY, 'https'), /; Secure$/)
  assert.doesNotMatch(await cookie(PROXY, 'http'), /Secure/)
  assert.doesNotMatch(await cookie(PROXY), /Secure/)
  assert.doesNotMatch(await cookie(STRANGER, 'https'), /Secure/)
})
