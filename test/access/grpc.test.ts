// The calls of dcron by gRPC, by everybody there is: the same rules as everywhere else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { type Action, ruleOf } from '../../src/domain/actions.ts'
import type { Scope } from '../../src/domain/api-key.ts'
import { ROLES } from '../../src/domain/roles.ts'
import { dcronDoor } from '../../src/doors/compat/dcron/routes.ts'
import { type DcronHouse, openDcronHouse } from '../compat/dcron/dcron-house.ts'
import { type Called, DcronClient } from '../compat/dcron/grpc-client.ts'

const JOB = {
  time: '0 */5 * * * *',
  job_type: 'PYTHON',
  location: 'theirs.py',
  name: 'private_job',
  timeout: 0,
}
const SENT: Readonly<Record<string, object>> = {
  NewJob: { ...JOB, name: 'another_job' },
  GetJob: { name: JOB.name },
  DisableJob: { name: JOB.name },
  ExecuteJob: { job_type: 'PYTHON', location: 'theirs.py', name: JOB.name, timeout: 0 },
}
const IMPLIED: Readonly<Record<Scope, readonly Scope[]>> = {
  'jobs:read': ['jobs:read'],
  'jobs:write': ['jobs:write', 'jobs:read'],
  'runs:read': ['runs:read'],
  'runs:write': ['runs:write', 'runs:read'],
  admin: ['admin', 'jobs:read', 'jobs:write', 'runs:read', 'runs:write'],
  agent: ['agent'],
}

const METHODS = dcronDoor.routes.map(({ path, action }) => ({ name: path.split('/').at(-1)!, action }))
const may = (scopes: readonly Scope[], action: Action): boolean => {
  const { needs } = ruleOf(action)
  return scopes.flatMap((scope) => IMPLIED[scope]).includes(needs as Scope)
}

async function furnished(): Promise<DcronHouse> {
  const door = await openDcronHouse()
  await door.scripts.put('theirs.py', Buffer.from('print("theirs")\n'))
  const made = await door.client.call('NewJob', JOB)
  assert.ok(made.ok, JSON.stringify(made))
  return door
}

async function everyCall(door: DcronHouse, key: string | null): Promise<Map<string, Called>> {
  using client = new DcronClient(door.address, key)
  const calls = new Map<string, Called>()
  for (const { name } of METHODS) calls.set(name, await client.call(name, SENT[name]!))
  return calls
}

test('every call of the door is asked', () => {
  assert.deepEqual(METHODS.map(({ name }) => name).toSorted(), Object.keys(SENT).toSorted())
})

test('anonymous', async () => {
  await using door = await furnished()
  for (const [name, called] of await everyCall(door, null))
    assert.deepEqual([name, called.ok ? 0 : called.code], [name, status.UNAUTHENTICATED])
})

for (const [role, scopes] of Object.entries<readonly Scope[]>({ ...ROLES, agent: ['agent'] })) {
  test(`${role} of the same project`, async () => {
    await using door = await furnished()
    const { house } = door.compat
    const project = (await house.store.projects.byName('dcron'))!
    const key = await house.key({ scopes, projects: [project.id] })
    const calls = await everyCall(door, key)
    for (const { name, action } of METHODS) {
      const called = calls.get(name)!
      const told = `${name}: ${JSON.stringify(called)}`
      if (!may(scopes, action)) assert.equal(called.ok ? 0 : called.code, status.PERMISSION_DENIED, told)
      else
        assert.ok(
          called.ok ||
            ![status.PERMISSION_DENIED, status.UNAUTHENTICATED, status.INTERNAL].includes(called.code),
          told,
        )
    }
    assert.deepEqual(house.faults, [])
  })

  test(`${role} of another project`, async () => {
    await using door = await furnished()
    const { house } = door.compat
    await house.ask('POST', '/v1/projects', { body: { name: 'elsewhere' } })
    const project = (await house.store.projects.byName('dcron'))!
    const theirs = async (): Promise<string> =>
      JSON.stringify((await house.store.jobs.list({ projectIds: [project.id] }, { limit: 9 })).items)
    const before = await theirs()
    const key = await house.key({ scopes, projects: ['elsewhere'] })
    const calls = await everyCall(door, key)
    for (const { name, action } of METHODS) {
      const called = calls.get(name)!
      const told = `${name}: ${JSON.stringify(called)}`
      if (!may(scopes, action)) assert.equal(called.ok ? 0 : called.code, status.PERMISSION_DENIED, told)
      // Its own project is where it makes things; what is another's is not there, as the answer itself says.
      else if (name === 'NewJob') assert.ok(called.ok, told)
      else assert.ok(!called.ok || Number(called.reply['error_code']) !== 0, told)
      assert.ok(!told.includes('theirs.py') && !told.includes('0 */5'), told)
    }
    assert.equal(await theirs(), before, 'nothing of theirs has changed')
    assert.deepEqual(house.faults, [])
  })
}
