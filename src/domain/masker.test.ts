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
})

test('a secret of few characters has bytes enough', () => {
  for (const secret of ['пароль', '口令口', '🔑🔑']) {
    assert.equal(new Masker([secret]).text(`it is ${secret}!`), `it is ${MASK}!`)
    assert.equal(new Masker([`first\n${secret}\nlast`]).text(`it is ${secret}!`), `it is ${MASK}!`)
  }
})

const LONG = 'the quick brown fox jumps over the lazy dog, twice and twice and twice again, then rests'

/** As `base64`, `xxd -p` and their like break it, and as others write that down again. */
function wrappings(encoded: string): string[] {
  return [4, 19, 64, 76].flatMap((width) => {
    const lines = encoded.match(new RegExp(`.{1,${width}}`, 'g'))!
    const text = lines.join('\n')
    const windows = lines.join('\r\n')
    const within = [text, windows, JSON.stringify(text), JSON.stringify({ a: JSON.stringify(windows) })]
    return [...within, lines.join('\n    ')]
  })
}

for (const [name, encoded] of [
  ['base64', Buffer.from(LONG).toString('base64')],
  ['base64 within something', Buffer.from(`user:${LONG}`).toString('base64')],
  ['base64url', Buffer.from(LONG).toString('base64url')],
  ['hex', Buffer.from(LONG).toString('hex')],
] as const) {
  test(`${name} is masked where it is wrapped`, () => {
    const long = new Masker([LONG])
    for (const wrapped of wrappings(encoded)) {
      const whole = `one\n${wrapped}\ntwo\n`
      const shown = long.text(whole)
      assert.ok(shown.includes(MASK) && shown.length < 60, JSON.stringify(shown))
      assert.ok(shown.startsWith('one\n') && shown.endsWith('\ntwo\n'), JSON.stringify(shown))
      const bytes = Buffer.from(whole)
      for (const size of [1, 2, 5, 50]) {
        const stream = long.stream()
        const parts: Buffer[] = []
        for (let at = 0; at < bytes.length; at += size) parts.push(stream.add(bytes.subarray(at, at + size)))
        assert.equal(
          Buffer.concat([...parts, stream.end()]).toString(),
          shown,
          `${size} ${JSON.stringify(wrapped)}`,
        )
      }
      const cut = long.cutText(whole.slice(0, -15))
      assert.ok(cut.length < 60, JSON.stringify(cut))
    }
  })
}

test('what is wrapped and no secret comes through as it is', () => {
  const long = new Masker([LONG])
  const text = `${wrappings(Buffer.from('n'.repeat(300)).toString('base64')).join('\n')}\\n\\\r\n\n\r`
  assert.equal(long.text(text), text)
  const stream = long.stream()
  const parts = [...Buffer.from(text)].map((byte) => stream.add(Buffer.of(byte)))
  assert.equal(Buffer.concat([...parts, stream.end()]).toString(), text)
})

test('an outcome keeps our words, whatever a secret is', () => {
  const words = new Masker(['cancelled', 'response', 'http_status', 'x-header-of-theirs'])
  assert.deepEqual(words.outcome({ kind: 'cancelled', message: 'it was cancelled' }), {
    kind: 'cancelled',
    message: `it was ${MASK}`,
  })
  const response = {
    status: 500,
    headers: { 'x-header-of-theirs': 'a response' },
    bodyBytes: 20,
    truncated: true,
  }
  const error = { kind: 'error', code: 'http_status', message: 'answered 500', reached: 'yes' } as const
  assert.deepEqual(words.outcome({ ...error, response: { ...response, body: 'not cancelled: canc' } }), {
    ...error,
    response: { ...response, headers: { [MASK]: `a ${MASK}` }, body: `not ${MASK}: ${MASK}` },
  })
  const process = { exitCode: 1, signal: null, output: 'response', outputBytes: 8, truncated: false }
  assert.deepEqual(words.outcome({ kind: 'ok', process }), {
    kind: 'ok',
    process: { ...process, output: MASK },
  })
  assert.deepEqual(words.outcome({ kind: 'handed_over' }), { kind: 'handed_over' })
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
