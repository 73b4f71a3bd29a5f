import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JobSpec } from './job.ts'
import { FACTS_AFTER, jobWarnings } from './job-warnings.ts'

const url = 'https://example.com/'
const codes = (spec: object): string[] => jobWarnings(spec as Partial<JobSpec>).map(({ code }) => code)

describe('of places', () => {
  const table: readonly [what: string, spec: object, warned: boolean][] = [
    ['a fact that is known', { target: { http: { url, body: '{{run.id}} {{ run.dueAt }}' } } }, false],
    ['one that is not', { target: { http: { url, body: { day: '{{run.dueDate}}' } } } }, true],
    ['one that is known only at the end', { target: { http: { url, body: '{{run.status}}' } } }, true],
    ['the same in a callback', { callback: { url, body: ['{{run.status}}', '{{run.error}}'] } }, false],
    ['one that does not end', { target: { http: { url, body: '{{run.dueAt' } } }, true],
    ['one where nothing is filled in', { target: { http: { url: `${url}{{run.id}}` } } }, true],
    ['one in an argument', { target: { command: { argv: ['echo', '{{run.id}}'] } } }, true],
    [
      'one in a queue',
      { target: { message: { exchange: 'x', routingKey: 'a.{{run.id}}', body: '' } } },
      false,
    ],
    [
      'braces of other people',
      { target: { http: { url, body: '{{user.name}} {{#each}} {{ run }}' } } },
      false,
    ],
    [
      'what is evaluated elsewhere',
      { target: { http: { url, body: "{{constructor.constructor('x')()}}" } } },
      false,
    ],
  ]
  for (const [what, spec, warned] of table) {
    test(what, () => assert.deepEqual(codes(spec), warned ? ['place_unfilled'] : []))
  }
})

describe('of bodies that are not what they say', () => {
  const json = { 'Content-Type': 'application/json; charset=utf-8' }
  const table: readonly [what: string, spec: object, warned: boolean][] = [
    ['a text', { target: { http: { url, headers: json, body: 'a=b' } } }, true],
    ['cut off', { target: { http: { url, headers: json, body: '{"a":1' } } }, true],
    [
      'in a callback',
      { callback: { url, headers: { 'content-type': 'application/x+json' }, body: '{' } },
      true,
    ],
    ['JSON', { target: { http: { url, headers: json, body: '{"a":1}' } } }, false],
    ['a document', { target: { http: { url, headers: json, body: { a: 1 } } } }, false],
    [
      'filled in',
      { target: { http: { url, headers: json, body: '{"n":{{run.fence}},"s":"{{secret.s}}"}' } } },
      false,
    ],
    [
      'another type',
      { target: { http: { url, headers: { 'Content-Type': 'text/json-like' }, body: 'a' } } },
      false,
    ],
    ['no type', { target: { http: { url, body: 'a' } } }, false],
  ]
  for (const [what, spec, warned] of table) {
    test(what, () => assert.deepEqual(codes(spec), warned ? ['body_not_json'] : []))
  }
})

test('every fact of a callback is one', () => {
  assert.deepEqual(codes({ callback: { url, body: FACTS_AFTER.map((fact) => `{{run.${fact}}}`) } }), [])
})

describe('of credentials', () => {
  const table: readonly [what: string, headers: object, warned: boolean][] = [
    ['a token', { authorization: 'Bearer abc' }, true],
    ['a key', { 'X-Api-Key': 'abc' }, true],
    ['a secret', { Authorization: 'Bearer {{secret.token}}' }, false],
    ['another header', { 'X-Team': 'ops' }, false],
  ]
  for (const [what, headers, warned] of table) {
    test(what, () => {
      const expected = warned ? ['credential_readable'] : []
      assert.deepEqual(codes({ target: { http: { url, headers } } }), expected)
      assert.deepEqual(codes({ callback: { url, headers } }), expected)
    })
  }
})

test('however many there are, a few are told', () => {
  const body = Array.from({ length: 1_000 }, () => '{{run.x}}')
  const warnings = jobWarnings({ target: { http: { url, body } } } as Partial<JobSpec>)
  assert.equal(warnings.length, 20)
  for (const { detail } of warnings) assert.ok(detail.length < 1_000)
})
