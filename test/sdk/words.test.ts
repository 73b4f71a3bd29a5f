// What a worker says on a channel that is played by hand: what is not taken is said again, and not for ever.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { WORD_LIMITS, type WordChannel, Words } from '../../src/sdk/worker/words.ts'
import { HandClock } from '../support/hand-clock.ts'

const SECOND = 1_000

type Answer = 'taken' | 'nacked' | 'returned' | 'none'

/** A confirm channel of which each message gets the answer that is set. */
class PlayedChannel extends EventEmitter implements WordChannel {
  answer: Answer
  readonly sent: string[] = []
  readonly #unconfirmed = new Set<(error: unknown) => void>()
  #closed = false

  constructor(answer: Answer) {
    super()
    this.answer = answer
    // As of amqplib: it is the first who hears of the end.
    this.on('close', () => {
      for (const told of this.#unconfirmed) told(new Error('channel closed'))
    })
  }

  sendToQueue(_queue: string, content: Buffer, options: object, told: (error: unknown) => void): void {
    if (this.#closed) throw new Error('Channel closed')
    this.sent.push(content.toString())
    const { answer } = this
    if (answer === 'none') return void this.#unconfirmed.add(told)
    queueMicrotask(() => {
      if (answer === 'returned') this.emit('return', { properties: options })
      told(answer === 'nacked' ? new Error('message nacked') : null)
    })
  }

  close(): void {
    this.#closed = true
    this.emit('close')
  }
}

const TO = { replyTo: 'said', runId: 'run_1' }
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

class Played {
  readonly clock = new HandClock(0)
  readonly errors: string[] = []
  readonly words = new Words(({ message }) => this.errors.push(message), this.clock)

  open(answer: Answer): PlayedChannel {
    const channel = new PlayedChannel(answer)
    this.words.open(channel)
    return channel
  }

  pass(ms: number): Promise<void> {
    return this.clock.advance(ms, settled)
  }
}

for (const answer of ['nacked', 'returned'] as const) {
  test(`an end that was ${answer} is said again until it is taken`, async () => {
    const played = new Played()
    const channel = played.open(answer)
    played.words.say(TO, 'end', 'until-taken')
    await played.pass(0)
    assert.deepEqual(channel.sent, ['end'])
    await played.pass(SECOND)
    assert.equal(channel.sent.length, 2)
    channel.answer = 'taken'
    await played.pass(2 * SECOND)
    assert.equal(channel.sent.length, 3)
    await played.pass(600 * SECOND)
    assert.equal(channel.sent.length, 3)
    assert.deepEqual(played.errors, [
      'the queue said is not there, or does not take it: what was to be said there is said again',
    ])
    assert.equal(await played.words.finish(SECOND), 0)
  })
}

test('what no queue takes is said more and more seldom, and given up after a day', async () => {
  const played = new Played()
  const channel = played.open('returned')
  played.words.say(TO, 'end', 'until-taken')
  const after: number[] = []
  for (let seconds = 0; seconds < 300; seconds += 1) {
    await played.pass(seconds === 0 ? 0 : SECOND)
    if (channel.sent.length > after.length) after.push(seconds)
  }
  assert.deepEqual(after, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
  for (let passed = 0; passed < WORD_LIMITS.forMs; passed += 60 * SECOND) await played.pass(60 * SECOND)
  const said = channel.sent.length
  await played.pass(600 * SECOND)
  assert.equal(channel.sent.length, said)
  assert.deepEqual(played.errors.slice(1), [
    'what was to be said to said of the run run_1 is given up: no queue has taken it for a day',
  ])
  assert.equal(played.clock.waiting, 0)
  assert.equal(await played.words.finish(SECOND), 0)
})

test('of more words than are kept the oldest are given up, and the others are said', async () => {
  const played = new Played()
  for (let n = 0; n < WORD_LIMITS.wordsMax + 2; n += 1) {
    played.words.say({ replyTo: 'said', runId: `run_${n}` }, `end ${n}`, 'until-taken')
  }
  assert.deepEqual(
    played.errors.map((text) => text.replace(/:.*/, '')),
    [0, 1].map((n) => `what was to be said to said of the run run_${n} is given up`),
  )
  const channel = played.open('taken')
  assert.equal(channel.sent.length, WORD_LIMITS.wordsMax)
  assert.equal(channel.sent[0], 'end 2')
})

test('what heartbeats say again is kept only until no queue takes it', async () => {
  const played = new Played()
  played.words.say(TO, 'running', 'until-not-taken')
  played.words.say(TO, 'heartbeat', 'not')
  const channel = played.open('returned')
  assert.deepEqual(channel.sent, ['running'])
  played.words.say(TO, 'heartbeat', 'not')
  await played.pass(600 * SECOND)
  assert.deepEqual(channel.sent, ['running', 'heartbeat'])
  assert.equal(await played.words.finish(SECOND), 0)
})

test('what was not confirmed, or waits, when the channel closes is said once on the next one', async () => {
  const played = new Played()
  const first = played.open('nacked')
  played.words.say(TO, 'nacked', 'until-taken')
  await played.pass(0)
  first.answer = 'none'
  played.words.say(TO, 'open', 'until-taken')
  first.close()
  played.words.say(TO, 'meanwhile', 'until-taken')
  // A closed channel is no queue that is missing.
  assert.equal(played.errors.length, 1)
  const second = played.open('taken')
  await played.pass(600 * SECOND)
  assert.deepEqual(second.sent, ['nacked', 'open', 'meanwhile'])
  assert.equal(first.sent.length, 2)
})

test('who leaves says at once what waits, and waits no longer than it was told', async () => {
  const played = new Played()
  const channel = played.open('returned')
  played.words.say(TO, 'end', 'until-taken')
  await played.pass(100 * SECOND)
  const before = channel.sent.length
  const finished = played.words.finish(20 * SECOND)
  await played.pass(0)
  assert.equal(channel.sent.length, before + 1)
  await played.pass(20 * SECOND)
  assert.equal(await finished, 1)
  assert.equal(played.clock.waiting, 0)
})
