import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobSpec } from './job.ts'
import { SpecTexts } from './spec-texts.ts'

const rest = {
  description: 'a "quoted" one',
  labels: { name: 'x' },
  schedule: { every: '1m' },
  target: { http: { url: 'http://127.0.0.1/', body: { name: 'a', text: '\\' } } },
  policy: {},
  callback: null,
}
const NAMES = [
  'a',
  'round-12345678',
  '',
  'a "b" c',
  '\\',
  'a\\',
  '", "target": 1',
  'Glöckner 🔔',
  '__proto__',
]

test('reads what JSON.parse reads, whatever the name', () => {
  const texts = new SpecTexts()
  for (const round of [1, 2]) {
    for (const name of NAMES) {
      const text = JSON.stringify({ name, ...rest })
      assert.deepEqual(texts.read(text), JSON.parse(text), `${name} in round ${round}`)
    }
  }
})

test('reads definitions that begin with something else, or are a name alone', () => {
  const texts = new SpecTexts()
  for (const spec of [{ ...rest, name: 'last' }, { name: 'alone' }, {}, { name: 7, ...rest }]) {
    const text = JSON.stringify(spec)
    assert.deepEqual(texts.read(text), JSON.parse(text))
  }
})

test('a member that names the prototype is a member', () => {
  const text = `{"name":"a","labels":{"__proto__":"x"},"__proto__":{"polluted":true}}`
  const spec = new SpecTexts().read(text)
  assert.equal(Object.getPrototypeOf(spec), Object.prototype)
  assert.deepEqual(Object.keys(spec.labels), ['__proto__'])
  assert.equal('polluted' in spec, false)
})

test('what is alike but for its name shares its parts; what differs shares none', () => {
  const texts = new SpecTexts()
  const read = (spec: object) => texts.read(JSON.stringify(spec)) as JobSpec
  const one = read({ name: 'one', ...rest })
  const two = read({ name: 'two', ...rest })
  assert.equal(two.name, 'two')
  assert.equal(two.target, one.target)
  assert.equal(two.schedule, one.schedule)
  const other = read({ name: 'three', ...rest, description: 'another' })
  assert.notEqual(other.target, one.target)
})

test('what was read lately is known again by what follows its name, nothing else is', () => {
  const texts = new SpecTexts()
  const text = (name: string, description: string) => JSON.stringify({ name, ...rest, description })
  assert.equal(texts.alike(text('a', 'one')), null)
  const one = texts.read(text('a', 'one'))
  const two = texts.read(text('a', 'two'))
  assert.deepEqual(texts.alike(text('b', 'one')), { ...one, name: 'b' })
  assert.equal(texts.alike(text('b', 'one'))!.target, one.target)
  assert.equal(texts.alike(text('c', 'two'))!.target, two.target)
  assert.equal(texts.alike(text('c', 'three')), null)
  assert.equal(texts.alike('{"name":"a \\" b","labels":{}}'), null)
})

test('a long definition is not held', () => {
  const texts = new SpecTexts()
  const text = JSON.stringify({ name: 'long', ...rest, description: 'x'.repeat(2_048) })
  assert.notEqual(texts.read(text).target, texts.read(text).target)
  assert.equal(texts.alike(text), null)
})
