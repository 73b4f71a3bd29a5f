import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8Text } from './utf8-text.ts'

test('a cut through a character drops the character, never shows a mark', () => {
  const whole = 'aé€😀'
  const bytes = Buffer.from(whole)
  const seen = Array.from({ length: bytes.length + 1 }, (_, length) =>
    utf8Text(bytes.subarray(0, length), true),
  )
  assert.deepEqual(seen, ['', 'a', 'a', 'aé', 'aé', 'aé', 'aé€', 'aé€', 'aé€', 'aé€', whole])
})

test('what is not UTF-8 is replaced, cut or not', () => {
  assert.equal(utf8Text(Buffer.from([0x61, 0xff, 0x62]), false), 'a\ufffdb')
  assert.equal(utf8Text(Buffer.from([0x61, 0x80, 0x80, 0x80, 0x80]), true), 'a\ufffd\ufffd\ufffd\ufffd')
  assert.equal(utf8Text(Buffer.from([0x61, 0xe2, 0x82]), false), 'a\ufffd')
})
