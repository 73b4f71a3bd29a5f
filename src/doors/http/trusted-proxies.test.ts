import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TrustedProxies } from './trusted-proxies.ts'

const proxies = new TrustedProxies(['10.1.0.0/16', '2001:db8:1::/48', '192.0.2.1'])
const from = (peer: string, forwardedFor?: string) =>
  proxies.callerOf(peer, forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }).address

describe('the caller is', () => {
  const table: readonly [what: string, peer: string, header: string | undefined, address: string][] = [
    ['whoever connects, where there is no proxy', '203.0.113.9', undefined, '203.0.113.9'],
    ['whoever connects, whatever they say', '203.0.113.9', '198.51.100.7', '203.0.113.9'],
    ['not whom a neighbour of the proxy names', '192.0.2.2', '198.51.100.7', '192.0.2.2'],
    ['whom the proxy names', '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    [
      'whom it names last, whatever came with the request',
      '10.1.2.3',
      '1.1.1.1, 198.51.100.7',
      '198.51.100.7',
    ],
    ['not who poses as a proxy', '10.1.2.3', '1.1.1.1, 10.1.9.9, 198.51.100.7', '198.51.100.7'],
    ['before a row of proxies', '10.1.2.3', '198.51.100.7, 192.0.2.1, 10.1.9.9', '198.51.100.7'],
    ['the first of the row, where nobody is before it', '10.1.2.3', '10.1.9.9', '10.1.9.9'],
    ['the proxy, where it says nothing', '10.1.2.3', '', '10.1.2.3'],
    ['the proxy, where it says nonsense', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['who is right of nonsense', '10.1.2.3', `${'x'.repeat(9_000)}, 10.1.9.9`, '10.1.9.9'],
    ['written without the port', '10.1.2.3', '198.51.100.7:4711', '198.51.100.7'],
    ['of IPv6', '2001:db8:1::5', '2001:db8:2::7', '2001:db8:2::7'],
    ['of IPv6 with a port', '2001:db8:1::5', '[2001:db8:2::7]:4711', '2001:db8:2::7'],
    ['behind a proxy seen as a mapped address', '::ffff:10.1.2.3', '::ffff:198.51.100.7', '198.51.100.7'],
  ]
  for (const [what, peer, header, address] of table) {
    test(what, () => assert.equal(from(peer, header), address))
  }
})

test('TLS at the proxy counts, and only there', () => {
  const secure = (peer: string, proto?: string) =>
    proxies.callerOf(peer, proto === undefined ? {} : { 'x-forwarded-proto': proto }).secure
  assert.deepEqual(
    [secure('10.1.2.3', 'https'), secure('10.1.2.3', 'http, HTTPS'), secure('10.1.2.3', 'https, http')],
    [true, true, false],
  )
  assert.deepEqual([secure('10.1.2.3'), secure('203.0.113.9', 'https')], [false, false])
})

test('who names nobody trusts nobody', () => {
  const none = new TrustedProxies([])
  const headers = { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'https' }
  assert.deepEqual(none.callerOf('127.0.0.1', headers), { address: '127.0.0.1', secure: false })
  assert.deepEqual(none.callerOf(undefined, headers), { address: '', secure: false })
})

test('what is no address is refused', () => {
  for (const text of ['proxy.example.com', '10.0.0.0/33', '10.0.0', '', '/8']) {
    assert.throws(() => new TrustedProxies([text]), /no address such as/)
  }
})
