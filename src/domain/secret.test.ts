import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problems } from './errors.ts'
import { checkSecretPlaces, fillSecrets, hideSecrets, secretNames } from './secret.ts'

test('places are found wherever they are, each name once', () => {
  const target = {
    headers: { A: 'Bearer {{secret.one}}', B: '{{ secret.two }}:{{secret.one}}' },
    body: [{ deep: '{{secret.three}}' }, 7, null],
  }
  assert.deepEqual(secretNames(target), ['one', 'two', 'three'])
  assert.deepEqual(secretNames({ a: '{{run.id}}', b: '{secret.x}', c: '{{secret.my-key}}' }), [])
})

test('filled once: what a secret holds is not looked at again', () => {
  const filled = fillSecrets(
    { a: ['{{secret.one}}{{secret.two}}'], b: 1 },
    { one: '{{secret.two}}', two: '$&' },
  )
  assert.deepEqual(filled, { a: ['{{secret.two}}$&'], b: 1 })
  assert.equal(fillSecrets('{{secret.constructor}}', {}), '{{secret.constructor}}')
})

test('a copy for somebody else asks for no secret', () => {
  const request = { headers: { A: 'Bearer {{ secret.one }}' }, body: '{{secret.two}}:{{run.id}}' }
  assert.deepEqual(hideSecrets(request), { headers: { A: 'Bearer ***' }, body: '***:{{run.id}}' })
})

test('a secret stands where its value is not shown', () => {
  const s = '{{secret.one}}'
  const problems = (spec: object): string[] => {
    const found = new Problems()
    checkSecretPlaces(spec, found)
    return found.list.map(({ pointer, code }) => `${pointer} ${code}`)
  }
  const call = (http: object): object => ({ target: { http: { url: 'https://example.com', ...http } } })
  assert.deepEqual(problems(call({ headers: { 'X/Y': s }, body: { a: [s] } })), [])
  assert.deepEqual(problems(call({ body: s })), [])
  assert.deepEqual(problems({ target: { command: { argv: ['x'], env: { A: s }, stdin: s } } }), [])
  assert.deepEqual(problems({ callback: { url: 'https://example.com', headers: { A: s }, body: s } }), [])
  assert.deepEqual(problems(call({ url: `https://example.com/${s}` })), ['/target/http/url secret_place'])
  assert.deepEqual(problems({ target: { command: { argv: ['x', s] } } }), [
    '/target/command/argv/1 secret_place',
  ])
  assert.deepEqual(problems({ target: { command: { shell: `x ${s}` } } }), [
    '/target/command/shell secret_place',
  ])
  assert.deepEqual(problems(call({ body: '{{secret.my-key}}' })), ['/target/http/body secret_name'])
  assert.deepEqual(problems(call({ body: `${s} {{ secret }}` })), ['/target/http/body secret_name'])
})
