// No way out leads inside: every forbidden address, in every writing, on every way a request can leave by. What is counted
// are the connects of this process, below everything of ours; one more than the ones to the front would be a hole.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import test, { before, describe, type TestContext } from 'node:test'
import { specOf } from '../../src/commands/build-job.ts'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import { asynchronous } from '../../src/dispatch/asynchronous.ts'
import { createCallbackNotifier } from '../../src/dispatch/callback-notifier.ts'
import { TargetForbidden } from '../../src/dispatch/failures.ts'
import { createGuardedFetch } from '../../src/dispatch/guarded-fetch.ts'
import type { Lookup } from '../../src/dispatch/shared-lookup.ts'
import { createWebCaller } from '../../src/dispatch/web-caller.ts'
import { ADDRESS_FORBIDDEN } from '../../src/domain/forbidden-address.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { HttpTarget } from '../../src/domain/target.ts'
import { foreignTask } from '../../src/doors/compat/taskscheduler/to-command.ts'
import { openBlobStore, openForeignScripts } from '../../src/main/blobs.ts'
import type { BlobStore } from '../../src/ports/blob-store.ts'
import { systemClock } from '../support/system-clock.ts'
import { GUARDED_WAYS, type GuardedWay } from '../tidy/ways-out.ts'
import { FORBIDDEN_ANSWERS, FORBIDDEN_HOSTS } from './address-vectors.ts'
import { CLOSED, dispatcherFor, httpServer, never, portOf, workOf } from './support.ts'

/** Asks one url on its way and says what came of it, in the words of whoever asked. */
type Way = (url: string) => Promise<string>
type Around = {
  /** A front that may be called, and answers with a redirect to `where`. */
  readonly front: string
  lead(where: string): void
  readonly lookup: Lookup
}

const FRONT = 'front.example'
const POLICY = { ...CLOSED, allow: [FRONT] }
const FRONT_ADDRESS = '127.0.0.1'
const REDIRECTS = [301, 302, 303, 307, 308]

/** Connects that this process has begun, as "address port". */
const connects: string[] = []

before(async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // biome-ignore lint/suspicious/noExplicitAny: the platform's own handle, which has no type.
  const handle = Object.getPrototypeOf((server as any)._handle)
  for (const name of ['connect', 'connect6'] as const) {
    const real = handle[name]
    handle[name] = function (...args: unknown[]) {
      connects.push(`${args[1]} ${args[2]}`)
      return real.apply(this, args)
    }
  }
  await new Promise((resolve) => server.close(resolve))
})

async function around(t: TestContext, lookup?: Lookup): Promise<Around> {
  let [location, asked] = ['', 0]
  const { url } = await httpServer(t, (_, response) => {
    asked += 1
    response.writeHead(REDIRECTS[asked % REDIRECTS.length]!, { location }).end()
  })
  const byName: Lookup = (name, options, callback) => {
    if (name === FRONT) callback(null, [{ address: FRONT_ADDRESS, family: 4 }])
    else if (lookup === undefined)
      assert.fail(`${name} was resolved, which the name itself should have ended`)
    else lookup(name, options, callback)
  }
  return { front: url.replace(FRONT_ADDRESS, FRONT), lead: (where) => (location = where), lookup: byName }
}

const told = (outcome: Outcome | { kind: 'handed_over' }): string =>
  'message' in outcome
    ? `${'code' in outcome ? outcome.code : outcome.kind}: ${outcome.message}`
    : outcome.kind
const REFUSED_CALL = `target_forbidden: ${ADDRESS_FORBIDDEN}`

function calls(t: TestContext, { lookup }: Around) {
  const dispatcher = dispatcherFor(t, { policy: POLICY, lookup })
  const single = async (target: HttpTarget): Promise<string> =>
    told(await dispatcher.dispatch(workOf(target), never))
  const batch = async (target: HttpTarget): Promise<string> => {
    const works = [workOf({ ...target, batch: {} }), workOf({ ...target, batch: {} })]
    const outcomes = await dispatcher.dispatchBatch(works, never)
    return [...new Set(outcomes.map(told))].join(' | ')
  }
  return { dispatcher, single, batch }
}

function notifierFor(t: TestContext, { lookup }: Around): Way {
  const guard = createAddressGuard(POLICY, lookup)
  const notifier = createCallbackNotifier({ clock: systemClock, guard, userAgent: 'test' })
  t.after(() => notifier[Symbol.asyncDispose]())
  return async (url) => {
    const delivery = { id: 'eff_1', callback: { url }, body: '{}', timeoutMs: 5_000 }
    return (await notifier.notify(delivery, never)).message
  }
}

function serviceFor(t: TestContext, { lookup }: Around) {
  const service = createGuardedFetch(createAddressGuard(POLICY, lookup))
  t.after(() => service[Symbol.asyncDispose]())
  return service.fetch
}

/** All that a store of blobs does; the four ways it can end are told once each. */
async function everyCall(store: BlobStore): Promise<string> {
  const calls = [
    store.put('a/b', new Uint8Array(3)),
    store.get('a/b'),
    store.head('a/b'),
    store.list('', { limit: 1 }),
  ]
  const ends = await Promise.all(
    calls.map((call) =>
      call.then(
        () => 'done',
        (error: Error) => error.message,
      ),
    ),
  )
  return [...new Set(ends.map((end) => end.replace(/^the object store .*? did not do \w+ \S*: /, '')))].join(
    ' | ',
  )
}

const KEYS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
/** Waits of a store that tries again end at once: a redirect is no failure of the network. */
const AT_ONCE = {
  ...systemClock,
  after: (ms: number, act: () => void) => systemClock.after(ms < 5_000 ? 0 : ms, act),
}
const placeAt = (url: string): string => `s3://bucket?endpoint=${encodeURIComponent(url.replace(/\/$/, ''))}`

const WAYS: Readonly<Record<GuardedWay, (t: TestContext, around: Around) => { ask: Way; refused: string }>> =
  {
    http: (t, around) => ({ ask: (url) => calls(t, around).single({ url }), refused: REFUSED_CALL }),
    'http with the end told later': (t, around) => {
      const later = asynchronous(calls(t, around).dispatcher, { make: () => 'token' })
      return {
        ask: async (url) => told(await later.dispatch(workOf({ url, async: true }), never)),
        refused: REFUSED_CALL,
      }
    },
    batch: (t, around) => ({ ask: (url) => calls(t, around).batch({ url }), refused: REFUSED_CALL }),
    'redirect of a job': (t, around) => {
      const { single } = calls(t, around)
      return { ask: lastHop(around, (url) => single({ url, redirectsMax: 3 })), refused: REFUSED_CALL }
    },
    'redirect of a batch': (t, around) => {
      const { batch } = calls(t, around)
      return { ask: lastHop(around, (url) => batch({ url, redirectsMax: 3 })), refused: REFUSED_CALL }
    },
    callback: (t, around) => ({ ask: notifierFor(t, around), refused: ADDRESS_FORBIDDEN }),
    'redirect of a callback': (t, around) => ({
      ask: lastHop(around, async (url) => (await notifierFor(t, around)(url)).replace(/\d+.*/, '30x')),
      refused: 'answered 30x',
    }),
    blobs: (t, around) => ({
      ask: (url) =>
        everyCall(openBlobStore({ blobs: placeAt(url), dataDir: '' }, KEYS, AT_ONCE, serviceFor(t, around))),
      refused: ADDRESS_FORBIDDEN,
    }),
    'redirect of blobs': (t, around) => {
      const fetch = serviceFor(t, around)
      return {
        ask: lastHop(around, async (url) => {
          const store = openBlobStore({ blobs: placeAt(url), dataDir: '' }, KEYS, AT_ONCE, fetch)
          return store.get('a/b').then(
            () => 'done',
            ({ message }: Error) => message.replace(/.*: 30\d.*/, '30x'),
          )
        }),
        refused: '30x',
      }
    },
    'scripts of dcron': (t, around) => ({
      ask: (url) =>
        everyCall(
          openForeignScripts({ doorDcronScripts: placeAt(url) }, KEYS, AT_ONCE, serviceFor(t, around))!,
        ),
      refused: ADDRESS_FORBIDDEN,
    }),
    'agents of taskscheduler': (t, around) => ({
      ask: async (url) => {
        const task = { command: 'id', frequency: '1s' } as Parameters<typeof foreignTask>[0]
        const [draft] = foreignTask(task, { taskId: 'a', project: 'p', now: 0 }, [url])
        return told(await calls(t, around).dispatcher.dispatch(workOf(specOf(draft!)), never))
      },
      refused: REFUSED_CALL,
    }),
    service: (t, around) => ({ ask: fetched(serviceFor(t, around)), refused: ADDRESS_FORBIDDEN }),
    'issuer of tokens': (t, around) => {
      const web = createWebCaller({ fetch: serviceFor(t, around) }, { clock: systemClock, userAgent: 'test' })
      const call = { method: 'GET', headers: {}, timeoutMs: 5_000, bytesMax: 1_000 } as const
      return {
        ask: (url) =>
          web.call({ ...call, url }).then(
            ({ status }) => `answered ${status}`,
            ({ message }: Error) => message.slice(message.indexOf(': ') + 2),
          ),
        refused: ADDRESS_FORBIDDEN,
      }
    },
    'redirect of a service': (t, around) => ({
      ask: lastHop(around, fetched(serviceFor(t, around), 'follow')),
      refused: ADDRESS_FORBIDDEN,
    }),
  }

function lastHop({ front, lead }: Around, ask: Way): Way {
  return (url) => {
    lead(new URL(url).href)
    return ask(front)
  }
}

function fetched(fetch: ReturnType<typeof serviceFor>, redirect: 'follow' | 'error' = 'error'): Way {
  return (url) =>
    fetch(url, { redirect }).then(
      ({ status }) => `answered ${status}`,
      (error: Error) => (error instanceof TargetForbidden ? error.message : String(error)),
    )
}

/** Ports that only an attacker would name are asked too. `fetch` by itself refuses some, in words of its own. */
const PORTS = [80, 443, 2375, 5432, 6379, 8080, 10_250, 65_535]
const PORTS_OF_CALLS = [...PORTS, 1, 22, 25, 111, 6000]

async function inside(
  t: TestContext,
  way: GuardedWay,
  urls: readonly string[],
  lookup?: Lookup,
): Promise<void> {
  const place = await around(t, lookup)
  const { ask, refused } = WAYS[way](t, place)
  const front = `${FRONT_ADDRESS} ${new URL(place.front).port}`
  connects.length = 0
  for (const url of urls) {
    const end = await ask(url)
    assert.equal(end, refused, `${way}: ${url}`)
    const others = connects.filter((connect) => connect !== front)
    assert.deepEqual(others, [], `${way}: ${url} opened a connection`)
  }
}

for (const way of GUARDED_WAYS) {
  describe(way, () => {
    test(`${FORBIDDEN_HOSTS.length} addresses: the same words, and no connect`, async (t) => {
      const ports = /^(?:http|batch|callback|agents)/.test(way) ? PORTS_OF_CALLS : PORTS
      const urls = FORBIDDEN_HOSTS.map(([host], n) => {
        const scheme = n % 3 === 0 ? 'https' : 'http'
        return `${scheme}://${host}:${ports[n % ports.length]}/`
      })
      await inside(t, way, urls)
    })

    test(`${FORBIDDEN_ANSWERS.length} answers of the name service: the same words, and no connect`, async (t) => {
      let answers: readonly string[] = []
      const lookup: Lookup = (_, __, callback) =>
        callback(
          null,
          answers.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        )
      const place = await around(t, lookup)
      const { ask, refused } = WAYS[way](t, place)
      connects.length = 0
      for (const [n, each] of FORBIDDEN_ANSWERS.entries()) {
        answers = each
        assert.equal(await ask(`http://host-${n}.example:8080/`), refused, `${way}: ${each.join(', ')}`)
      }
      const front = `${FRONT_ADDRESS} ${new URL(place.front).port}`
      assert.deepEqual(
        connects.filter((connect) => connect !== front),
        [],
      )
    })

    test('a name that changes its mind is asked once for each connection, and every answer is judged', async (t) => {
      // What would be called, were the name asked again behind the guard's back.
      let asked = 0
      const lookup: Lookup = (_, __, callback) => {
        asked += 1
        callback(null, [{ address: asked % 2 === 0 ? '192.0.2.1' : '10.0.0.1', family: 4 }])
      }
      const urls = Array.from({ length: 20 }, (_, n) => `http://rebinding-${n}.example/`)
      await inside(t, way, urls, lookup)
    })
  })
}

test('what cannot be asked for at all opens nothing either', async (t) => {
  const place = await around(t)
  const { single, batch } = calls(t, place)
  const callback = notifierFor(t, place)
  const service = fetched(serviceFor(t, place))
  connects.length = 0
  for (const url of [
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_INFO',
    'javascript:alert(1)',
    'data:text/plain,hi',
    'ws://127.0.0.1/',
    'wss://169.254.169.254/',
    'unix:/var/run/docker.sock',
    'http+unix://%2Fvar%2Frun%2Fdocker.sock/info',
    'ldap://127.0.0.1/',
    'dict://127.0.0.1:11211/',
    'tftp://127.0.0.1/',
    'http://[::1%25lo]/',
    'http://[fe80::1%25eth0]/',
    'http://127.0.0.1:99999/',
    'http://256.256.256.256/',
    'http://0x100000000/',
    'http://1.2.3.4.5/',
    'http://',
    '//127.0.0.1/',
    'http://user:secret@127.0.0.1/',
    'http://user@169.254.169.254/',
    'http://good.example@127.0.0.1/',
    'http://127.0.0.1#@good.example/',
    'http://127.0.0.1?@good.example/',
    'http:\\\\127.0.0.1\\',
    'http:/127.0.0.1/',
    'http:127.0.0.1/',
    ' http://127.0.0.1/',
    'http://127.0.0.1\t/',
    'ht\ntp://127.0.0.1/',
  ]) {
    for (const ask of [
      (text: string) => single({ url: text }),
      (text: string) => batch({ url: text }),
      callback,
      service,
    ]) {
      assert.doesNotMatch(await ask(url), /^(?:ok|answered)/, url)
    }
  }
  assert.deepEqual(connects, [])
})

test('the spy sees connects: the front is really called', async (t) => {
  const place = await around(t)
  connects.length = 0
  await calls(t, place).single({ url: place.front })
  assert.deepEqual(connects, [`${FRONT_ADDRESS} ${new URL(place.front).port}`])
})

test('no proxy of the environment is asked', async (t) => {
  const place = await around(t)
  const before = { ...process.env }
  const sentinel = createServer()
  await new Promise<void>((resolve) => sentinel.listen(0, '127.0.0.1', resolve))
  t.after(() => sentinel.close())
  const proxy = `http://127.0.0.1:${portOf(sentinel)}`
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY'])
    process.env[name] = proxy
  process.env['NODE_USE_ENV_PROXY'] = '1'
  t.after(() => {
    process.env = before
  })
  connects.length = 0
  await calls(t, place).single({ url: place.front })
  await notifierFor(t, place)(place.front)
  await fetched(serviceFor(t, place))(place.front)
  const front = `${FRONT_ADDRESS} ${new URL(place.front).port}`
  assert.deepEqual(connects, [front, front, front])
})
