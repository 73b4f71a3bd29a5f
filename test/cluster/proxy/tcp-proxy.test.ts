// Real sockets through the proxy: what passes, what does not, and who hears of it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { until } from '../../support/until.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** Answers every chunk with itself, and remembers all. */
class Echo implements AsyncDisposable {
  readonly server = createServer({ allowHalfOpen: false }, (socket) => {
    this.sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      this.heard += chunk.toString()
      socket.write(chunk)
    })
  }).listen(0, '127.0.0.1')
  readonly sockets: Socket[] = []
  heard = ''

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }
}

class Caller implements Disposable {
  readonly socket: Socket
  heard = ''
  end: string | null = null

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (chunk) => {
      this.heard += chunk.toString()
    })
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.end = error.code ?? error.message
    })
    this.socket.on('close', () => {
      this.end ??= 'closed'
    })
  }

  say(text: string): void {
    this.socket.write(text)
  }

  hears(text: string): Promise<unknown> {
    return until(`the caller hears ${text}`, 5_000, () => this.heard === text)
  }

  ends(): Promise<string> {
    return until('the caller is cut off', 5_000, () => this.end)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

type Scene = { readonly echo: Echo; readonly proxy: TcpProxy; readonly caller: Caller }

async function onStage(play: (scene: Scene) => Promise<void>): Promise<void> {
  await using echo = new Echo()
  await once(echo.server, 'listening')
  await using proxy = await TcpProxy.start({ host: '127.0.0.1', port: echo.port })
  using caller = new Caller(proxy.port)
  caller.say('a')
  await caller.hears('a')
  await play({ echo, proxy, caller })
}

test('cut: both ends are reset, new connections too; healed, new ones pass', async () => {
  await onStage(async ({ proxy, caller }) => {
    proxy.cut()
    assert.equal(await caller.ends(), 'ECONNRESET')
    using refused = new Caller(proxy.port)
    refused.say('x')
    assert.match(await refused.ends(), /ECONNRESET|EPIPE/)
    proxy.heal()
    using again = new Caller(proxy.port)
    again.say('b')
    await again.hears('b')
  })
})

test('silent: nothing passes and nobody is told; healed, what was said arrives', async () => {
  await onStage(async ({ proxy, caller, echo }) => {
    proxy.silence()
    caller.say('b')
    using other = new Caller(proxy.port)
    other.say('c')
    await until('both are connected to the proxy', 5_000, () => proxy.connections === 2)
    assert.equal(echo.heard, 'a')
    assert.deepEqual([caller.end, other.end], [null, null])
    proxy.heal()
    await caller.hears('ab')
    await other.hears('c')
  })
})

test('one way: what goes out is not heard, or is heard and not answered', async () => {
  await onStage(async ({ proxy, caller, echo }) => {
    proxy.block('in')
    caller.say('b')
    await until('the other end hears it', 5_000, () => echo.heard === 'ab')
    assert.equal(caller.heard, 'a')
    proxy.block('out')
    await caller.hears('ab')
    caller.say('c')
    echo.sockets[0]!.write('!')
    await caller.hears('ab!')
    assert.equal(echo.heard, 'ab')
    proxy.heal()
    await caller.hears('ab!c')
  })
})

test('slow: it takes longer, in order', async () => {
  await onStage(async ({ proxy, caller }) => {
    proxy.slow(60)
    const from = performance.now()
    caller.say('b')
    caller.say('c')
    await caller.hears('abc')
    assert.ok(performance.now() - from >= 119, 'there and back takes twice as long')
  })
})

test('reset after n bytes: only the connection that sends the byte, and the byte has passed', async () => {
  await onStage(async ({ proxy, caller, echo }) => {
    using other = new Caller(proxy.port)
    other.say('o')
    await other.hears('o')
    const sprung = proxy.resetAfter(3)
    other.say('1')
    await other.hears('o1')
    caller.say('23')
    await sprung
    assert.equal(await caller.ends(), 'ECONNRESET')
    await until('it arrived', 5_000, () => echo.heard === 'ao123')
    other.say('4')
    await other.hears('o14')
  })
})

for (const passes of [true, false]) {
  test(`reset at a word that ${passes ? 'arrives' : 'does not arrive'}`, async () => {
    await onStage(async ({ proxy, caller, echo }) => {
      const sprung = proxy.resetAt('COMMIT', passes)
      caller.say('b')
      await caller.hears('ab')
      caller.say('COMMIT')
      await sprung
      assert.equal(await caller.ends(), 'ECONNRESET')
      const closed = (): boolean => echo.sockets[0]!.destroyed
      await until('the other end is cut off', 5_000, closed)
      assert.equal(echo.heard, passes ? 'abCOMMIT' : 'ab')
    })
  })
}

test('led elsewhere: new connections go there, an old one stays', async () => {
  await onStage(async ({ proxy, caller, echo }) => {
    await using elsewhere = new Echo()
    await once(elsewhere.server, 'listening')
    proxy.lead({ host: '127.0.0.1', port: elsewhere.port })
    using other = new Caller(proxy.port)
    other.say('x')
    await other.hears('x')
    assert.equal(elsewhere.heard, 'x')
    caller.say('b')
    await caller.hears('ab')
    assert.equal(echo.heard, 'ab')
  })
})

test('an end that is said is passed on', async () => {
  await onStage(async ({ caller, echo, proxy }) => {
    caller.socket.end()
    assert.equal(await caller.ends(), 'closed')
    await until('the proxy holds nothing', 5_000, () => proxy.connections === 0)
    assert.ok(echo.sockets[0]!.destroyed)
  })
})
