// Polls that wait are set aside: nothing of that is seen by whoever waits.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Answered } from '../../src/doors/http/http-server.ts'
import type { Store } from '../../src/ports/store.ts'
import { HeldStep } from '../support/held-step.ts'
import { AgentCaller, alike, EMPTY, turn } from './agent-caller.ts'
import { openHouse } from './house.ts'
import { parseReply } from './raw-socket.ts'

const COMMAND = { name: 'far', schedule: {}, target: { command: { argv: ['true'] } } }

test('a poll that waits is answered when its time is over, and the connection goes on', async () => {
  await using house = await openHouse()
  const caller = await AgentCaller.open(house)
  for (let n = 0; n < 3; n += 1) {
    // In two pieces, as networks do.
    const text = caller.poll(3_000)
    caller.socket.write(text.slice(0, 200))
    assert.ok(await caller.waiting(text.slice(200)), 'the HTTP server has let go of it')
    house.clock.advance(3_000)
    const { status, headers, body } = await caller.answer()
    assert.equal(status, 200)
    assert.equal(body, EMPTY)
    assert.match(headers, /x-request-id/i)
    await caller.waits(0)
    caller.socket.write(caller.text('beat', { held: [] }))
    assert.equal((await caller.answer()).body, '{"stop":[],"gone":[]}')
  }
  caller.socket.destroy()
})

test('its answer is that of one that waits as every other, to the last header', async () => {
  await using house = await openHouse()
  const caller = await AgentCaller.open(house)
  const other = await caller.again()
  assert.ok(await caller.waiting(caller.poll(3_000, ['X-Request-Id: mine'])))
  // On a connection that began otherwise.
  other.socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
  await other.told.until(/\}$/)
  other.told.text = ''
  assert.ok(!(await other.waiting(other.poll(3_000, ['X-Request-Id: mine']))))
  house.clock.advance(3_000)
  await Promise.all([caller.told.until(EMPTY), other.told.until(EMPTY)])
  assert.match(caller.told.text, /^x-request-id: mine\r$/m)
  // One more was taken from the rate when the other came.
  const [one, two] = [caller, other].map(({ told }) => alike(told.text).replace(/r=\d+;t=\d+/, 'r'))
  assert.equal(one, two)
  caller.socket.destroy()
  other.socket.destroy()
})

test('it is counted and logged once, with all of its time', async () => {
  const counted: Answered[] = []
  const logged: object[] = []
  await using house = await openHouse({
    observe: (answered) => counted.push(answered),
    debug: (fields) => logged.push(fields),
  })
  const caller = await AgentCaller.open(house)
  await caller.waiting(caller.poll(3_000, ['X-Request-Id: mine']))
  const lease = (): Answered[] => counted.filter(({ route }) => route.endsWith('/lease'))
  assert.deepEqual(lease(), [])
  house.clock.advance(3_000)
  await caller.answer()
  while (lease().length === 0) await turn()
  const [{ ms, ...answered } = { ms: 0 }, ...more] = lease()
  assert.deepEqual(more, [])
  assert.ok(ms >= 1_500 && ms <= 3_100, `${ms} ms`)
  const route = '/v1/agents/self/sessions/:session/lease'
  assert.deepEqual(answered, { method: 'POST', route, status: 200 })
  const lines = logged.filter((fields) => 'route' in fields && fields.route === route)
  assert.deepEqual(lines, [{ ...answered, ms, requestId: 'mine', address: '127.0.0.1' }])
  caller.socket.destroy()
})

test('one whose time is over is answered without the store', async () => {
  const asked: string[] = []
  await using house = await openHouse({ store: (store) => watched(store, asked) })
  const caller = await AgentCaller.open(house)
  await caller.waiting(caller.poll(3_000))
  asked.length = 0
  house.clock.advance(3_000)
  assert.equal((await caller.answer()).body, EMPTY)
  assert.deepEqual(asked, [])
  caller.socket.destroy()
})

function watched(store: Store, asked: string[]): Store {
  const groups: object = store
  return new Proxy(groups, {
    get(target, group) {
      const steps: unknown = Reflect.get(target, group)
      if (typeof steps !== 'object' || steps === null) return steps
      return new Proxy(steps, {
        get(of, step) {
          const method: unknown = Reflect.get(of, step)
          if (typeof method !== 'function') return method
          return (...values: unknown[]) => {
            asked.push(`${String(group)}.${String(step)}`)
            return method.apply(of, values)
          }
        },
      })
    },
  }) as Store
}

for (const [how, leave] of [
  ['hangs up', (caller: AgentCaller) => caller.socket.destroy()],
  ['is cut off', (caller: AgentCaller) => caller.socket.resetAndDestroy()],
  ['half closes', (caller: AgentCaller) => caller.socket.end()],
] as const) {
  test(`one that waits leaves its place when it ${how}`, async () => {
    await using house = await openHouse()
    const caller = await AgentCaller.open(house)
    const connections = (): Promise<number> =>
      new Promise((resolve) => house.app.server.getConnections((_, count) => resolve(count)))
    await caller.waiting(caller.poll())
    assert.equal(await connections(), 1)
    leave(caller)
    await caller.waits(0)
    while ((await connections()) > 0) await turn()
  })
}

test('one that waits is woken, and has its work', async () => {
  await using house = await openHouse()
  const caller = await AgentCaller.open(house)
  await caller.waiting(caller.poll())
  await house.ask('POST', '/v1/jobs', { body: COMMAND })
  await house.ask('POST', '/v1/jobs/far/trigger', { body: {} })
  house.ctx.waiting.wakeSessions([caller.session])
  const { status, body } = await caller.answer()
  assert.equal(status, 200)
  assert.equal(JSON.parse(body).works.length, 1)
  caller.socket.destroy()
})

test('what follows a poll before its answer is not done twice, and not lost', async () => {
  await using house = await openHouse()
  const caller = await AgentCaller.open(house)
  // Both at once: this one waits as it is.
  caller.socket.write(caller.poll() + caller.poll(0))
  await caller.waits(1)
  house.clock.advance(20_000)
  await caller.told.until(/draining.*draining":false\}$/s)
  assert.equal(caller.told.text.split('HTTP/1.1 200').length, 3)
  caller.socket.destroy()
})

test('one that says more while it is aside is answered, and then that too', async () => {
  await using house = await openHouse()
  const caller = await AgentCaller.open(house)
  for (let n = 0; n < 2; n += 1) {
    assert.ok(await caller.waiting(caller.poll()))
    const text = caller.text('beat', { held: [] })
    caller.socket.write(text.slice(0, 9))
    await caller.told.until(EMPTY)
    caller.socket.write(text.slice(9))
    await caller.told.until(/"gone":\[\]\}$/)
    assert.equal(caller.told.text.split('HTTP/1.1 200').length, 3)
    caller.told.text = ''
  }
  caller.socket.destroy()
})

test('a long request before it changes nothing', async () => {
  await using house = await openHouse()
  const caller = await AgentCaller.open(house)
  const beat = caller.text('beat', { held: [] }, ['Content-Length: 200011'])
  caller.socket.write(`${beat}${' '.repeat(200_000)}`)
  assert.equal((await caller.answer()).body, '{"stop":[],"gone":[]}')
  assert.ok(await caller.waiting(caller.poll()))
  caller.socket.destroy()
})

test('a server that stops answers those aside, and waits for nobody', { timeout: 20_000 }, async () => {
  await using house = await openHouse()
  const caller = await AgentCaller.open(house)
  const idle = await caller.again()
  await idle.waiting(idle.poll(1_000))
  house.clock.advance(1_000)
  await idle.answer()
  assert.ok(await caller.waiting(caller.poll()))
  const closed = Promise.all([once(caller.socket, 'close'), once(idle.socket, 'close')])
  await house.app.close()
  await closed
  const { status, headers, body } = parseReply(caller.told.text)
  assert.equal(status, 200)
  assert.match(headers, /connection: close/i)
  assert.equal(body, EMPTY)
  assert.equal(idle.told.text, '')
})

test('a server that stops while one of those is woken answers it too', { timeout: 20_000 }, async () => {
  const step = new HeldStep()
  await using house = await openHouse({ store: (store) => step.around(store, 'runs', 'cancelling') })
  const caller = await AgentCaller.open(house)
  await caller.waiting(caller.poll())
  step.hold()
  house.ctx.waiting.wakeSessions([caller.session])
  await step.reached.promise
  const stopped = house.app.close()
  await turn()
  step.release()
  await stopped
  const { status, headers, body } = parseReply(caller.told.text)
  assert.equal(status, 200)
  assert.match(headers, /connection: close/i)
  assert.equal(body, EMPTY)
})

for (const [what, path, method, change] of [
  ['is removed', '/v1/agents/far', 'DELETE', undefined],
  ['has a key that is revoked', '/v1/keys', 'DELETE', undefined],
  ['has a key that may do less now', '/v1/keys', 'PATCH', { scopes: ['jobs:read'] }],
] as const) {
  test(`one that waits and ${what} is refused at once, and logged as that`, async () => {
    const counted: number[] = []
    await using house = await openHouse({ observe: ({ status }) => counted.push(status) })
    const caller = await AgentCaller.open(house)
    await caller.waiting(caller.poll())
    const { body } = await house.ask<{ items: { id: string; name: string }[] }>('GET', '/v1/keys')
    const { id } = body.items.find(({ name }) => name === 'agent far')!
    const url = path === '/v1/keys' ? `${path}/${id}` : path
    assert.ok((await house.ask(method, url, { body: change })).status < 300)
    const { status, headers, body: problem } = await caller.answer()
    assert.equal(status, 403)
    assert.match(headers, /content-type: application\/problem\+json/i)
    const { code, requestId } = JSON.parse(problem)
    assert.equal(code, 'forbidden')
    assert.match(headers, new RegExp(`x-request-id: ${requestId}`, 'i'))
    while (!counted.includes(403)) await turn()
    caller.socket.destroy()
  })
}

test('one that is woken when the store does not answer hears so, and the operator too', async () => {
  let broken = false
  await using house = await openHouse({
    store: (store) => {
      const get: Store['keys']['get'] = (id) => {
        if (broken) throw Object.assign(new Error('away'), { name: 'StoreUnavailable' })
        return store.keys.get(id)
      }
      const keys = new Proxy(store.keys, {
        get: (of, step) => {
          const found: unknown = Reflect.get(of, step)
          return step === 'get' ? get : typeof found === 'function' ? found.bind(of) : found
        },
      })
      return new Proxy(store, { get: (of, group) => (group === 'keys' ? keys : Reflect.get(of, group)) })
    },
  })
  const caller = await AgentCaller.open(house)
  await caller.waiting(caller.poll())
  broken = true
  house.ctx.waiting.wakeSessions([caller.session])
  const { status, headers, body } = await caller.answer()
  broken = false
  assert.equal(status, 503)
  assert.match(headers, /retry-after: 5/i)
  assert.equal(JSON.parse(body).code, 'storage_unavailable')
  assert.equal(house.faults.length, 1)
  caller.socket.destroy()
})

test('half a request that came with a poll is not lost', async () => {
  await using house = await openHouse()
  const caller = await AgentCaller.open(house)
  const beat = caller.text('beat', { held: [] })
  assert.ok(!(await caller.waiting(caller.poll() + beat.slice(0, 50))))
  caller.socket.write(beat.slice(50))
  await turn()
  house.clock.advance(20_000)
  await caller.told.until(/"gone":\[\]\}$/)
  caller.socket.destroy()
})
