// Whom one project may call is its own affair: what one may reach, another may not, not even over a connection that is open.

import assert from 'node:assert/strict'
import test from 'node:test'
import { createCallbackNotifier } from '../../src/dispatch/callback-notifier.ts'
import type { HttpWork } from '../../src/dispatch/http-work.ts'
import { ProjectGuards, refusalOfRule } from '../../src/dispatch/project-guards.ts'
import type { Lookup } from '../../src/dispatch/shared-lookup.ts'
import { type TargetRulesOf, withTargets } from '../../src/dispatch/with-targets.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { TargetRules } from '../../src/domain/target-rules.ts'
import { systemClock } from '../support/system-clock.ts'
import { asError, CLOSED, dispatcherFor, httpServer, never, OPEN, workOf } from './support.ts'

const toLoopback: Lookup = (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])

test('rules of a project add to those of the server; a denial counts wherever it stands', () => {
  const guards = new ProjectGuards({ ...CLOSED, allow: ['10.1.0.0/16'], deny: ['10.9.9.9', 'bad.example'] })
  const may = (rules: TargetRules, host: string): boolean => guards.mayCall(`http://${host}/`, rules)
  const cases: readonly (readonly [TargetRules, string, boolean])[] = [
    [{}, '8.8.8.8', true],
    [{}, '10.1.2.3', true],
    [{}, '10.2.0.1', false],
    [{ allow: ['10.2.0.0/16'] }, '10.2.0.1', true],
    [{ allow: ['10.2.0.0/16'] }, '10.1.2.3', true],
    [{ allow: ['10.9.0.0/16'] }, '10.9.9.9', false],
    [{ allow: ['bad.example'] }, 'bad.example', false],
    [{ deny: ['8.8.8.8', '*.example'] }, '8.8.8.8', false],
    [{ deny: ['8.8.8.8', '*.example'] }, '[::ffff:8.8.8.8]', false],
    [{ deny: ['8.8.8.8', '*.example'] }, 'api.example', false],
    [{ deny: ['8.8.8.8', '*.example'] }, '1.1.1.1', true],
    [{ allow: ['1.1.1.1'], deny: ['1.1.1.1'] }, '1.1.1.1', false],
    [{ policy: 'listed' }, '8.8.8.8', false],
    [{ policy: 'listed' }, 'api.example', false],
    [{ policy: 'listed' }, '10.1.2.3', false],
    [{ policy: 'listed', allow: ['api.example'] }, 'api.example', true],
    [{ policy: 'listed', allow: ['api.example'] }, 'API.example.', true],
    [{ policy: 'listed', allow: ['api.example'] }, 'other.example', false],
    [{ policy: 'listed', allow: ['api.example'] }, '8.8.8.8', false],
    [{ policy: 'listed', allow: ['8.8.8.0/24'] }, '8.8.8.8', true],
    [{ policy: 'listed', allow: ['8.8.8.0/24'] }, '0x08080808', true],
    // It may lead there: the name service is asked.
    [{ policy: 'listed', allow: ['8.8.8.0/24'] }, 'other.example', true],
    [{ policy: 'listed', allow: ['10.2.0.0/16'] }, '10.2.0.1', true],
    [{ policy: 'listed', allow: ['api.example'], deny: ['api.example'] }, 'api.example', false],
  ]
  for (const [rules, host, expected] of cases)
    assert.equal(may(rules, host), expected, `${JSON.stringify(rules)} ${host}`)
})

test('a name that is not listed is judged by where it leads', () => {
  const guard = new ProjectGuards(CLOSED).of({ policy: 'listed', allow: ['8.8.8.0/24', 'api.example'] })
  assert.equal(guard.admitsPeer('other.example', '8.8.8.8'), true)
  assert.equal(guard.admitsPeer('other.example', '1.1.1.1'), false)
  assert.equal(guard.admitsPeer('api.example', '1.1.1.1'), true)
})

test('what is no rule is told', () => {
  assert.equal(refusalOfRule('*.corp.example'), null)
  assert.match(refusalOfRule('10.0.0.0/33')!, /not a host name, an address or a range/)
})

function knowing(rules: Readonly<Record<string, TargetRules | Error>>, atHand = true): TargetRulesOf {
  const of = (projectId: string): { targets: TargetRules } => {
    const found = rules[projectId] ?? {}
    if (found instanceof Error) throw found
    return { targets: found }
  }
  return { atHand: (projectId) => (atHand ? of(projectId) : null), of: async (projectId) => of(projectId) }
}

const workIn = (projectId: string, url: string, more: object = {}): HttpWork =>
  workOf({ url, ...more }, { run: { projectId } })
const codeOf = (outcome: Outcome): string => ('code' in outcome ? outcome.code : outcome.kind)

for (const atHand of [true, false]) {
  test(`two projects, one address, ${atHand ? 'rules at hand' : 'rules asked for'}: an open connection of the one is not the other's`, async (t) => {
    let requests = 0
    const { url } = await httpServer(t, (_, response) => {
      requests += 1
      response.end()
    })
    const guards = new ProjectGuards(CLOSED, toLoopback)
    const http = dispatcherFor(t, { guard: guards.plain, guardOf: (rules) => guards.of(rules) })
    const known = knowing({ prj_in: { allow: ['127.0.0.1'] }, prj_listed: { policy: 'listed' } }, atHand)
    const ring = withTargets(http, known)
    for (let n = 0; n < 3; n += 1) {
      assert.equal(codeOf(await ring.dispatch(workIn('prj_in', url), never)), 'ok')
      for (const other of ['prj_other', 'prj_listed']) {
        const outcome = await ring.dispatch(workIn(other, url), never)
        assert.equal(codeOf(outcome), 'target_forbidden', other)
      }
    }
    const both = [workIn('prj_in', url, { batch: {} }), workIn('prj_in', url, { batch: {} })]
    assert.deepEqual((await ring.dispatchBatch(both, never)).map(codeOf), ['ok', 'ok'])
    const none = [workIn('prj_other', url, { batch: {} })]
    assert.deepEqual((await ring.dispatchBatch(none, never)).map(codeOf), ['target_forbidden'])
    assert.equal(requests, 4)
  })
}

test('each hop of a redirect is judged by the rules of the project', async (t) => {
  const { url: inside } = await httpServer(t, (_, response) => response.end('inside'))
  const { url: front } = await httpServer(t, (_, response) => {
    response.writeHead(307, { location: inside.replace('127.0.0.1', 'back.example') }).end()
  })
  const guards = new ProjectGuards(OPEN, toLoopback)
  const http = dispatcherFor(t, { guard: guards.plain, guardOf: (rules) => guards.of(rules) })
  const known = knowing({
    prj_both: { policy: 'listed', allow: ['front.example', 'back.example'] },
    prj_front: { policy: 'listed', allow: ['front.example'] },
    prj_denied: { deny: ['back.example'] },
  })
  const ring = withTargets(http, known)
  const target = front.replace('127.0.0.1', 'front.example')
  const ends: string[] = []
  for (const project of ['prj_both', 'prj_front', 'prj_denied', 'prj_plain'])
    ends.push(codeOf(await ring.dispatch(workIn(project, target, { redirectsMax: 2 }), never)))
  assert.deepEqual(ends, ['ok', 'target_forbidden', 'target_forbidden', 'ok'])
})

test('where nobody can say whom a project may call, nothing leaves', async (t) => {
  let requests = 0
  const { url } = await httpServer(t, (_, response) => {
    requests += 1
    response.end()
  })
  const ring = withTargets(dispatcherFor(t), knowing({ prj_1: new Error('the store is silent') }, false))
  const outcome = asError((await ring.dispatch(workIn('prj_1', url), never)) as Outcome)
  assert.deepEqual([outcome.code, outcome.reached, outcome.retryable], ['rules_unknown', 'no', undefined])
  const batch = await ring.dispatchBatch([workIn('prj_1', url, { batch: {} })], never)
  assert.deepEqual(batch.map(codeOf), ['rules_unknown'])
  assert.equal(requests, 0)
})

test('callbacks go by the rules of their project', async (t) => {
  let told = 0
  const { url } = await httpServer(t, (_, response) => {
    told += 1
    response.end()
  })
  const guards = new ProjectGuards(CLOSED)
  const guardOf = (rules: TargetRules) => guards.of(rules)
  const notifier = createCallbackNotifier({
    clock: systemClock,
    guard: guards.plain,
    guardOf,
    userAgent: 'test',
  })
  t.after(() => notifier[Symbol.asyncDispose]())
  const tell = async (targets?: TargetRules): Promise<boolean> => {
    const delivery = { id: 'eff_1', callback: { url }, body: '{}', timeoutMs: 5_000 }
    return (await notifier.notify({ ...delivery, ...(targets === undefined ? {} : { targets }) }, never)).ok
  }
  assert.equal(await tell(), false)
  assert.equal(await tell({ allow: ['127.0.0.1'] }), true)
  assert.equal(await tell(), false)
  assert.equal(await tell({ policy: 'listed', allow: ['api.example'] }), false)
  assert.equal(told, 1)
})
