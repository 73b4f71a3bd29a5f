// A server that stops answers what it has begun, refuses what is new, and keeps no connection.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { openHouse, PING } from './house.ts'
import { collector, listen } from './raw-socket.ts'

test('a request under way is answered, a new one is not', async () => {
  const house = await openHouse()
  const port = await listen(house)
  const body = JSON.stringify(PING)
  const begun = connect(port, '127.0.0.1')
  const quiet = connect(port, '127.0.0.1')
  await Promise.all([once(begun, 'connect'), once(quiet, 'connect')])
  const [answer, refusal] = [collector(begun), collector(quiet)]
  const head = `POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${house.admin}\r\nContent-Type: application/json`
  const arrived = once(house.app.server, 'request')
  begun.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`)
  quiet.write('GET /livez HTTP/1.1\r\n')
  await arrived

  const stopped = house[Symbol.asyncDispose]()
  const closed = Promise.all([once(begun, 'close'), once(quiet, 'close')])
  await new Promise((resolve) => setImmediate(resolve))
  quiet.write('Host: x\r\n\r\n')
  begun.write(body.slice(10))
  await stopped
  await closed
  assert.match(answer.text, /^HTTP\/1\.1 201 /)
  assert.match(answer.text, /connection: close/i)
  assert.match(refusal.text, /^HTTP\/1\.1 503 /)
  assert.match(refusal.text, /connection: close/i)
  assert.match(refusal.text, /"code":"overloaded"/)
  assert.match(refusal.text, /retry-after: \d/i)
})

test('a connection on which nothing was ever sent holds nobody up', async () => {
  const house = await openHouse()
  const port = await listen(house)
  const silent = connect(port, '127.0.0.1')
  const heard = once(house.app.server, 'connection')
  await Promise.all([once(silent, 'connect'), heard])
  const closed = once(silent, 'close')
  silent.resume()
  await Promise.all([house[Symbol.asyncDispose](), closed])
})
