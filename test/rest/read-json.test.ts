import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HttpProblem } from '../../src/doors/http/http-problem.ts'
import { readJson } from '../../src/doors/http/json/read-json.ts'
import { JSON_LIMITS } from '../../src/doors/http/limits.ts'

function read(text: string | Uint8Array, limits = JSON_LIMITS): unknown {
  return readJson(typeof text === 'string' ? Buffer.from(text) : text, limits)
}

function refusal(text: string | Uint8Array, limits = JSON_LIMITS): HttpProblem {
  try {
    read(text, limits)
  } catch (error) {
    assert.ok(error instanceof HttpProblem, String(error))
    return error
  }
  throw new Error(`accepted: ${String(text).slice(0, 80)}`)
}

const GOOD = [
  '{}',
  '[]',
  'null',
  '"text"',
  '-0.5e-3',
  ' {"a": [1, {"b": null}], "c": {"a": 1}} ',
  '{"a":{"a":1},"b":{"a":1}}',
  String.raw`{"quote\"d": "back\\slash", "e": "\ud83d\ude00 \u00e9"}`,
  '{"prototype": 1, "constructor": {"x": 1}}',
  '[9007199254740991, -9007199254740991, 0.1234567890123456789]',
  '{"":0}',
  `${'['.repeat(64)}${']'.repeat(64)}`,
]

for (const text of GOOD) {
  test(`reads ${text.slice(0, 50)}`, () => assert.deepEqual(read(text), JSON.parse(text)))
}

type Bad = readonly [text: string | Uint8Array, code: string, problem: string, pointer: string]

const BAD: readonly Bad[] = [
  ['', 'malformed_json', 'malformed_json', ''],
  ['  \n', 'malformed_json', 'malformed_json', ''],
  ['{', 'malformed_json', 'malformed_json', ''],
  ['{"a":1} x', 'malformed_json', 'malformed_json', ''],
  ['{"a":1,}', 'malformed_json', 'malformed_json', ''],
  ["{'a':1}", 'malformed_json', 'malformed_json', ''],
  ['{"a":NaN}', 'malformed_json', 'malformed_json', ''],
  ['{"a":01}', 'malformed_json', 'malformed_json', ''],
  ['}}', 'malformed_json', 'malformed_json', ''],
  ['{"a":"\n"}', 'malformed_json', 'malformed_json', ''],
  ['{"a":"\0"}', 'malformed_json', 'malformed_json', ''],
  [Buffer.from([0x22, 0xff, 0x22]), 'malformed_json', 'invalid_text', ''],
  [Buffer.from([0x22, 0xc0, 0x80, 0x22]), 'malformed_json', 'invalid_text', ''],
  ['{"a":1,"a":1}', 'malformed_json', 'duplicate_key', '/a'],
  [String.raw`{"\u0061":1,"a":2}`, 'malformed_json', 'duplicate_key', '/a'],
  ['{"x":[0,{"a/b":{"k~":1,"k~":2}}]}', 'malformed_json', 'duplicate_key', '/x/1/a~1b/k~0'],
  ['{"__proto__":{"polluted":1}}', 'invalid', 'forbidden_key', '/__proto__'],
  [String.raw`{"\u005f_proto__":1}`, 'invalid', 'forbidden_key', '/__proto__'],
  ['{"constructor":{"prototype":{"x":1}}}', 'invalid', 'forbidden_key', '/constructor/prototype'],
  [String.raw`{"a":"\ud800"}`, 'invalid', 'invalid_text', '/a'],
  [String.raw`{"a":["\ud800\ud800"]}`, 'invalid', 'invalid_text', '/a/0'],
  [String.raw`{"a":"\udc00x"}`, 'invalid', 'invalid_text', '/a'],
  [String.raw`{"a":"x\u0000"}`, 'invalid', 'invalid_text', '/a'],
  [String.raw`{"\u0000":1}`, 'invalid', 'invalid_text', '/\0'],
  ['{"a":1e400}', 'invalid', 'range', '/a'],
  ['{"a":-1E999}', 'invalid', 'range', '/a'],
  ['{"a":9007199254740993}', 'invalid', 'range', '/a'],
  [`{"a":${'9'.repeat(400)}}`, 'invalid', 'range', '/a'],
  ['['.repeat(65) + ']'.repeat(65), 'too_complex', 'too_deep', '/0'.repeat(64)],
  ['['.repeat(10_000), 'too_complex', 'too_deep', '/0'.repeat(64)],
  ['{"a":'.repeat(70), 'too_complex', 'too_deep', '/a'.repeat(64)],
]

for (const [text, code, problem, pointer] of BAD) {
  test(`refuses ${JSON.stringify(String(text)).slice(0, 60)} as ${problem}`, () => {
    const { code: said, problems } = refusal(text)
    assert.equal(said, code)
    assert.deepEqual([problems[0]?.code, problems[0]?.pointer], [problem, pointer])
  })
}

test('says where the text stops being JSON', () => {
  for (const [text, position] of [
    ['{"a":1,}', 7],
    ['{"a":NaN}', 5],
    ['[1,2', 4],
    ['nul', 3],
    ['{"a" 1}', 5],
  ] as const) {
    assert.match(refusal(text).message, new RegExp(`\\(position ${position}\\)`), text)
  }
  assert.match(refusal(`{\n"a":\n${' '.repeat(300)}oops}`).message, /line 3/)
})

test('finds several problems at once', () => {
  const { problems } = refusal(String.raw`{"a":1e999,"b":"\ud800","__proto__":1}`)
  assert.deepEqual(
    problems.map(({ pointer }) => pointer),
    ['/a', '/b', '/__proto__'],
  )
})

test('nothing is polluted by a refused key', () => {
  refusal('{"__proto__":{"polluted":1}}')
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
})

describe('what is too much is refused fast', () => {
  const manyKeys = `{${Array.from({ length: 1_000_000 }, (_, n) => `"k${n}":1`).join(',')}}`
  const manyElements = `[${'1,'.repeat(999_999)}1]`
  for (const [name, text, code] of [
    ['a million keys', manyKeys, 'too_many_keys'],
    ['a million elements', manyElements, 'too_many_values'],
    ['ten thousand levels', '['.repeat(10_000), 'too_deep'],
    ['a hundred thousand objects in each other', '{"a":'.repeat(100_000), 'too_deep'],
  ] as const) {
    test(name, () => {
      const bytes = Buffer.from(text)
      // The quickest of three: others run beside this. Decoding 15 MB of text is most of it; a scan to the end
      // would take many times as long.
      const took = Array.from({ length: 3 }, () => {
        const start = performance.now()
        assert.equal(refusal(bytes).problems[0]?.code, code)
        return performance.now() - start
      })
      assert.ok(Math.min(...took) < 250, `${took} ms`)
    })
  }
})
