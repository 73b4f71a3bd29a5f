// Where the jobs of a door's clients live, and who makes that place.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authenticate } from '../../src/commands/authenticate.ts'
import { doorProjectId, ensureDoorProject, knownDoorProjectId } from '../../src/commands/door-project.ts'
import { ensureDoorKey, revokeKey } from '../../src/commands/keys.ts'
import { createProject } from '../../src/commands/projects.ts'
import type { Principal } from '../../src/domain/api-key.ts'
import { type House, openHouse } from '../rest/house.ts'

const ADMIN: Principal = { id: 'key_a', name: 'a', scopes: ['admin'], projectIds: null }
const WRITER: Principal = { id: 'key_w', name: 'w', scopes: ['jobs:write'], projectIds: null }
const READER: Principal = { id: 'key_r', name: 'r', scopes: ['jobs:read'], projectIds: null }

async function made(house: House): Promise<(string | null)[]> {
  const { items } = await house.store.audit.list({ action: 'door_project.change' }, { limit: 9 })
  return items.map(({ actorId, subject }) => `${actorId} ${subject}`)
}

test('nobody makes a project by looking; who may write does by writing, and it is written down', async () => {
  await using house = await openHouse()
  const { ctx } = house
  for (const who of [READER, WRITER]) assert.equal(await knownDoorProjectId(ctx, who, 'dcron'), null)
  await assert.rejects(doorProjectId(ctx, READER, 'dcron'), { code: 'not_found' })
  assert.equal(await house.store.projects.byName('dcron'), null)
  const ids = await Promise.all([1, 2, 3].map(() => doorProjectId(ctx, WRITER, 'dcron')))
  const project = (await house.store.projects.byName('dcron'))!
  assert.deepEqual(new Set(ids), new Set([project.id]))
  assert.equal(await knownDoorProjectId(ctx, READER, 'dcron'), project.id)
  assert.deepEqual(await made(house), [`key_w ${project.id}`])
})

test('the configured key of a door is for its project, also when that was made anew', async () => {
  await using house = await openHouse()
  const { ctx, store } = house
  const secret = 'a key for a door 0123456789'
  const opens = async (): Promise<readonly string[] | null | undefined> => {
    const project = await ensureDoorProject(ctx, 'schedule-rs')
    await ensureDoorKey(ctx, { system: 'schedule-rs', projectId: project.id }, secret)
    const who = await authenticate(ctx, secret)
    assert.deepEqual(who?.projectIds, [project.id])
    return who?.projectIds
  }
  const [first] = (await opens()) ?? []
  assert.equal(await store.projects.delete(first!), true)
  assert.notDeepEqual(await opens(), [first])
  await revokeKey(ctx, ADMIN, 'key_door_schedule-rs')
  const project = await ensureDoorProject(ctx, 'schedule-rs')
  await store.projects.delete(project.id)
  const anew = await ensureDoorProject(ctx, 'schedule-rs')
  await ensureDoorKey(ctx, { system: 'schedule-rs', projectId: anew.id }, secret)
  assert.equal(await authenticate(ctx, secret), null)
})

test('a key for several projects works in that of the door, or is told why it does not', async () => {
  await using house = await openHouse()
  const { ctx } = house
  const [one, other] = [
    await createProject(ctx, ADMIN, { name: 'one' }),
    await createProject(ctx, ADMIN, { name: 'other' }),
  ]
  const several: Principal = { ...WRITER, projectIds: [one.id, other.id] }
  const refused = { code: 'forbidden', message: /for several projects, and "dcron".* is none of them/ }
  await assert.rejects(doorProjectId(ctx, several, 'dcron'), refused)
  await assert.rejects(knownDoorProjectId(ctx, several, 'dcron'), refused)
  assert.equal(await house.store.projects.byName('dcron'), null)
  const door = await doorProjectId(ctx, WRITER, 'dcron')
  await assert.rejects(doorProjectId(ctx, several, 'dcron'), refused)
  assert.equal(await doorProjectId(ctx, { ...several, projectIds: [one.id, door] }, 'dcron'), door)
  assert.equal(await doorProjectId(ctx, { ...several, projectIds: [one.id] }, 'dcron'), one.id)
})
