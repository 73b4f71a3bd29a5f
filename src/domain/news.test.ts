import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergedNews, newsOf, toldText } from './news.ts'

const NEWS: readonly [string, ReturnType<typeof newsOf>][] = [
  ['', {}],
  ['  ', {}],
  ['{}', {}],
  ['{"progress":0}', { progress: 0 }],
  ['{"progress":1,"message":"done","extend":"10m"}', { progress: 1, message: 'done', extendMs: 600_000 }],
  ['{"extend":"PT1H"}', { extendMs: 3_600_000 }],
  ['half done', 'it is not a JSON object'],
  ['[1]', 'it is not a JSON object'],
  ['null', 'it is not a JSON object'],
  ['{"progress":40}', '"progress" is a number from 0 to 1'],
  ['{"progress":"0.4"}', '"progress" is a number from 0 to 1'],
  ['{"message":7}', '"message" is a text'],
  ['{"extend":"25h"}', '"extend" is a duration as "10m", up to 24h'],
  ['{"extend":"0s"}', '"extend" is a duration as "10m", up to 24h'],
  ['{"percent":4}', '"percent" is none of progress, message, extend'],
]

for (const [line, news] of NEWS) {
  test(`news: ${line || '(nothing)'}`, () => assert.deepEqual(newsOf(line), news))
}

test('what was told later stands, and the longer time is given', () => {
  assert.deepEqual(mergedNews({ progress: 0.2, message: 'a', extendMs: 9 }, { progress: 0.1, extendMs: 5 }), {
    progress: 0.1,
    message: 'a',
    extendMs: 9,
  })
  assert.deepEqual(mergedNews({}, {}), {})
})

test('a message is cut to what can be kept', () => {
  assert.equal(toldText(`a\0${'x'.repeat(600)}`).length, 500)
  assert.equal(toldText('\ud800'), '\ufffd')
})
