import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MASK, Masker } from './masker.ts'

const SECRET = 'pa55 wörd/"quoted"+plus'
const masker = new Masker([SECRET])

test('a secret is masked in every form it may take', () => {
  const bytes = Buffer.from(SECRET)
  const basic = (user: string): string => Buffer.from(`${user}:${SECRET}`).toString('base64')
  for (const form of [
    SECRET,
    JSON.stringify({ a: SECRET }),
    JSON.stringify(JSON.stringify({ a: JSON.stringify([SECRET]) })),
    'pa55 w\\u00f6rd/\\"quoted\\"+plus',
    encodeURIComponent(SECRET),
    new URLSearchParams({ a: SECRET }).toString(),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    basic('a'),
    basic('ab'),
    basic('abc'),
  ]) {
    const text = masker.text(`before ${form} after`)
    assert.ok(text.includes(MASK), form)
    assert.ok(text.startsWith('before ') && text.endsWith(' after'), text)
  }
  assert.equal(masker.text('nothing to hide'), 'nothing to hide')
  assert.deepEqual(masker.value({ [SECRET]: [SECRET, 1, null] }), { [MASK]: [MASK, 1, null] })
})

test('lines of a secret are masked one by one', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nabc\n-----END KEY-----'
  const text = new Masker([key]).text('line: MIIEvQIBADANBg')
  assert.equal(text, `line: ${MASK}`)
})

test('the end of a text that was cut may begin a secret', () => {
  assert.equal(masker.cutText(`answer ${SECRET.slice(0, 10)}`), `answer ${MASK}`)
  assert.equal(masker.cutText('answer p'), 'answer p')
})

test('in parts of any size nothing of it gets through, and all else does', () => {
  const all = Buffer.from(`one ${SECRET} two ${SECRET.slice(0, 6)} three ${SECRET}${SECRET}`)
  for (const size of [1, 2, 3, 7, 16, 1_000]) {
    const stream = masker.stream()
    const parts: Buffer[] = []
    for (let at = 0; at < all.length; at += size) parts.push(stream.add(all.subarray(at, at + size)))
    parts.push(stream.end())
    const shown = Buffer.concat(parts).toString()
    assert.equal(shown, `one ${MASK} two ${SECRET.slice(0, 6)} three ${MASK}${MASK}`, String(size))
  }
})

test('what cannot become a secret is shown at once', () => {
  const stream = masker.stream()
  assert.equal(stream.add(Buffer.from('progress 10 %\n')).toString(), 'progress 10 %\n')
  assert.equal(stream.add(Buffer.from('ap')).toString(), 'a')
  assert.equal(stream.add(Buffer.from('a55')).toString(), '')
  assert.equal(stream.add(Buffer.from('!')).toString(), 'pa55!')
})
