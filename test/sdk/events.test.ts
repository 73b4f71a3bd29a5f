import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { readEventStream } from '../../src/sdk/event-stream.ts'
import { createClient } from '../../src/sdk/index.ts'
import { problem, startStubServer } from './stub-server.ts'

function streamOf(...parts: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part))
      controller.close()
    },
  })
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

test('events are read whatever the line ends and wherever the bytes are cut', async () => {
  const text =
    ': hello\n\nid: 1\r\nevent: run.failed\r\ndata: {"a":\r\ndata: 1}\r\n\r\nretry: 250\rid: 2\rdata:ü\r\rdata: lost'
  for (const size of [1, 2, 3, 1_000]) {
    const bytes = new TextEncoder().encode(text)
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.slice(n * size, (n + 1) * size),
    )
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(part)
        controller.close()
      },
    })
    const retries: number[] = []
    const events = await collect(readEventStream(body, { onRetry: (ms) => retries.push(ms) }))
    assert.deepEqual(events, [
      { id: '1', type: 'run.failed', data: '{"a":\n1}' },
      { id: '2', type: 'message', data: 'ü' },
    ])
    assert.deepEqual(retries, [250])
  }
})

test('an event without an end is not kept for ever', async () => {
  const endless = streamOf(`data: ${'x'.repeat(2_000_000)}`)
  await assert.rejects(collect(readEventStream(endless)), /no end/)
})

const event = (id: number, type: string): string =>
  `id: e-${id}\nevent: ${type}\ndata: ${JSON.stringify({ type, at: '2027-01-01T00:00:00.000Z', projectId: 'p', jobId: null, runId: null, data: {} })}\n\n`

function stream(text: string, end: boolean): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(text)
    if (end) response.end()
  }
}

test('a lost connection is made again and resumes after the last event', async () => {
  await using server = await startStubServer((_, count) => ({
    by:
      count === 1
        ? stream(`retry: 10\n\n${event(1, 'run.running')}`, true)
        : stream(event(2, 'run.succeeded'), false),
  }))
  const client = createClient({ url: server.url, apiKey: 'k' })
  const opened: number[] = []
  const seen: string[] = []
  for await (const { id, type } of client.events.follow({ types: ['run.*'], onOpen: () => opened.push(1) })) {
    seen.push(`${id} ${type}`)
    if (seen.length === 2) break
  }
  assert.deepEqual(seen, ['e-1 run.running', 'e-2 run.succeeded'])
  assert.equal(opened.length, 2)
  assert.equal(server.asked[0]?.headers['last-event-id'], undefined)
  assert.equal(server.asked[1]?.headers['last-event-id'], 'e-1')
})

test('a refusal is thrown', async () => {
  await using server = await startStubServer(() => problem(401, 'unauthenticated', 'No key.'))
  const follow = createClient({ url: server.url }).events.follow()
  await assert.rejects(follow.next(), { status: 401 })
})

test('the signal ends the iteration without an error', async () => {
  await using server = await startStubServer(() => ({ by: stream(event(1, 'run.running'), false) }))
  const stop = new AbortController()
  const seen: string[] = []
  for await (const { type } of createClient({ url: server.url }).events.follow({ signal: stop.signal })) {
    seen.push(type)
    stop.abort()
  }
  assert.deepEqual(seen, ['run.running'])
})
