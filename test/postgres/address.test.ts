import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hidePassword, readAddress } from '../../src/adapters/postgres/address.ts'

const SECRET = 'tide-and-time'

test('an address is read as libpq reads it', () => {
  const address = readAddress('postgresql://me:p%40ss@one:5433,[::1]/my%2Fdata?sslmode=disable')
  assert.deepEqual(address.hosts, [
    { host: 'one', port: 5433 },
    { host: '::1', port: 5432 },
  ])
  assert.deepEqual([address.user, address.password, address.database], ['me', 'p@ss', 'my/data'])
})

for (const [what, text] of [
  ['an @', `postgres://me:x@${SECRET}@host/data`],
  ['an @ and a slash', `postgres://me:x@y/${SECRET}@host/data`],
  ['an @ and a comma', `postgres://me:x@y,${SECRET}@host/data`],
  ['a slash', `postgres://me:x/${SECRET}@host/data`],
  ['a question mark', `postgres://me:x?${SECRET}@host/data`],
  ['a %', `postgres://me:%zz${SECRET}@host/data`],
] as const) {
  test(`of a password with ${what} that is not escaped nothing is shown`, () => {
    assert.throws(
      () => readAddress(text),
      (error: Error) => !error.message.includes(SECRET) && /%40|%25|names no user/.test(error.message),
    )
    assert.ok(!hidePassword(text).includes(SECRET), hidePassword(text))
  })
}

test('the rest of an address is shown', () => {
  assert.equal(
    hidePassword('postgres://me:secret@host:1,other/data?sslmode=require'),
    'postgres://me:••••••••@host:1,other/data?sslmode=require',
  )
  assert.equal(hidePassword('postgres://me@host/data'), 'postgres://me@host/data')
})
