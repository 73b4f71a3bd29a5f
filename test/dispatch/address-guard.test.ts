import assert from 'node:assert/strict'
import test from 'node:test'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import type { AddressPolicy } from '../../src/dispatch/address-rules.ts'
import { FORBIDDEN_HOSTS, GLOBAL_HOSTS } from './address-vectors.ts'
import { CLOSED, OPEN } from './support.ts'

const closed = createAddressGuard(CLOSED)
const open = createAddressGuard(OPEN)
const url = (host: string) => `http://${host}:8080/x`

test(`${FORBIDDEN_HOSTS.length} ways to write a forbidden host are all seen through`, () => {
  assert.ok(FORBIDDEN_HOSTS.length >= 300)
  for (const [host, kind] of FORBIDDEN_HOSTS) {
    assert.ok(URL.canParse(url(host)), `${host} must parse, or the vector proves nothing`)
    assert.equal(closed.checkUrl(url(host)), false, `${host} under the default policy`)
    assert.equal(open.checkUrl(url(host)), kind === 'private', `${host} with allowPrivate`)
  }
})

test('the internet beside the forbidden ranges is open', () => {
  for (const host of GLOBAL_HOSTS) {
    assert.equal(closed.checkUrl(url(host)), true, host)
    assert.equal(closed.judgeHost(new URL(url(host)).hostname), 'allowed', host)
  }
  for (const host of ['example.com', 'localhost.example.com', 'notlocalhost', '127.0.0.1.example.com']) {
    assert.equal(closed.judgeHost(host), 'resolve', host)
  }
})

function guardWith(policy: Partial<AddressPolicy>) {
  return createAddressGuard({ ...CLOSED, ...policy })
}

test('allow opens exactly what it names, in every writing of that address', () => {
  const guard = guardWith({ allow: ['10.1.0.0/16', '169.254.169.254', 'fd00:ec2::/32', '[::1]'] })
  for (const host of [
    '10.1.2.3',
    '0x0a010203',
    '[::ffff:10.1.2.3]',
    '169.254.169.254',
    '[fd00:ec2::254]',
    '[::1]',
  ]) {
    assert.equal(guard.checkUrl(url(host)), true, host)
  }
  for (const host of ['10.2.0.0', '10.0.255.255', '127.0.0.1', '169.254.169.253', '[64:ff9b::10.1.2.3]']) {
    assert.equal(guard.checkUrl(url(host)), false, host)
  }
})

test('an allowed name is trusted wherever it leads, and no other', () => {
  const guard = guardWith({ allow: ['Intranet.example', '*.corp.example', 'localhost'] })
  for (const name of [
    'intranet.example',
    'INTRANET.example.',
    'a.corp.example',
    'b.a.corp.example',
    'localhost',
  ]) {
    assert.equal(guard.admitsPeer(name, '10.0.0.1'), true, name)
  }
  for (const name of [
    'corp.example',
    'evilcorp.example',
    'intranet.example.evil',
    'x.localhost',
    'example',
  ]) {
    assert.equal(guard.admitsPeer(name, '10.0.0.1'), false, name)
  }
})

test('deny is stronger than allow, by name, by address and through every tunnel', () => {
  const guard = guardWith({
    allow: ['10.0.0.0/8', '*.example'],
    deny: ['10.9.0.0/16', '8.8.8.8', 'bad.example'],
  })
  for (const host of [
    '10.9.1.1',
    '[::ffff:10.9.1.1]',
    '8.8.8.8',
    '[64:ff9b::8.8.8.8]',
    'bad.example',
    'BAD.example.',
  ]) {
    assert.equal(guard.checkUrl(url(host)), false, host)
  }
  assert.equal(guard.admitsPeer('good.example', '10.9.1.1'), false)
  assert.equal(guard.admitsPeer('good.example', '10.8.1.1'), true)
})

test('an address range of the whole world does what it says', () => {
  const guard = guardWith({ allow: ['0.0.0.0/0', '::/0'] })
  for (const host of ['127.0.0.1', '169.254.169.254', '[fe80::1]', '[2002:7f00:1::]']) {
    assert.equal(guard.checkUrl(url(host)), true, host)
  }
})

test('a rule that would match nothing is refused at the start', () => {
  for (const rule of [
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '300.1.1.1',
    'http://x',
    'a b',
    '*',
    '*.',
    '10.0.0.0/8/8',
    '-x',
    '::/129',
  ]) {
    assert.throws(() => guardWith({ allow: [rule] }), /not a host name, an address or a range/, rule)
  }
})

test('what is no address is never admitted as a peer', () => {
  for (const address of ['', 'localhost', 'fe80', '1.2.3', undefined]) {
    assert.equal(open.admitsPeer('example.com', address), false, String(address))
  }
  assert.equal(open.admitsPeer('example.com', 'fe80::1%eth0'), false)
  assert.equal(open.admitsPeer('example.com', '::1%lo'), true)
})
