// Every route that changes something is asked: what it did is in the audit, once and with the right words; what it refused
// is not. A route that is new is in here without anybody's doing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACTIONS } from '../../src/domain/actions.ts'
import type { AuditEntry } from '../../src/protocol/audit.ts'
import { AUDITED_ACTIONS, verifyAudit } from '../../src/sdk/audit.ts'
import { type Furnished, furnish } from './furnished.ts'
import { asked, routesOf } from './routes.ts'

/** Changes that nobody asked for: what agents say of the work they do, which is in the ledger. */
const NOT_ASKED_FOR = new Set(['agent.work', 'schedule.preview'])

async function entries({ house }: Furnished): Promise<AuditEntry[]> {
  const { body } = await house.ask<{ items: AuditEntry[] }>('GET', '/v1/audit?limit=500')
  return body.items
}

test('whatever is changed is written down, and whatever is refused is not', async () => {
  await using furnished = await furnish()
  const done = new Set<string>()
  for (const route of routesOf(furnished)) {
    if (route.method === 'GET' || NOT_ASKED_FOR.has(route.action)) continue
    const before = new Set((await entries(furnished)).map(({ id }) => id))
    const { status, text } = await asked(furnished, route, furnished.house.admin)
    const more = (await entries(furnished)).filter(({ id }) => !before.has(id))
    const told = `${route.method} ${route.url}: ${status} ${text.slice(0, 200)} ${JSON.stringify(more)}`
    if (status >= 300) assert.equal(more.length, 0, told)
    else if (more.length > 0) done.add(more[0]!.action)
    for (const { actorName, action, detail } of more) {
      assert.ok(actorName === 'admin' || action === 'agent.join', told)
      assert.ok((AUDITED_ACTIONS as readonly string[]).includes(action), told)
      assert.doesNotMatch(JSON.stringify(detail), /another value|private-secret/)
      assert.equal(detail['address'], '127.0.0.1', told)
    }
  }
  for (const action of [
    'job.update',
    'job.delete',
    'job.pause',
    'job.resume',
    'job.trigger',
    'run.cancel',
    'script.delete',
    'secret.set',
    'secret.delete',
    'callback.redeliver',
    'agent.drain',
    'agent.remove',
    'agent_token.create',
    'agent_token.end',
    'project.update',
    'key.create',
    'key.edit',
    'key.rotate',
    'key.revoke',
    'node.drain',
    'visit.ticket',
    'visit.revoke',
  ])
    assert.ok(done.has(action), `${action} is done somewhere, and written down: ${[...done].join(' ')}`)
  for (const action of AUDITED_ACTIONS) assert.ok(Object.hasOwn(ACTIONS, action), action)
  const { body } = await furnished.house.ask<{ items: AuditEntry[] }>('GET', '/v1/audit/chain')
  const verdict = await verifyAudit(body.items)
  assert.equal(verdict.ok, true)
  assert.ok(verdict.links > 20)
})
