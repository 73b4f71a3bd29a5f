// Given these tasks, and commands that take so long → they ran at these moments.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { Folder } from '../../../test/support/folder.ts'
import { HandClock } from '../../../test/support/hand-clock.ts'
import type { AgentTask } from '../../protocol/taskscheduler.ts'
import { TASKS_MAX, TaskKeeper } from './task-keeper.ts'

const HELLO: AgentTask = { task_id: 'hello', command: 'echo hello', frequency: 'every 10 seconds' }

function world(folder: Folder, takesMs = 0) {
  const clock = new HandClock(0)
  const ran: string[] = []
  const keeper = new TaskKeeper({
    clock,
    file: folder.file('tasks.json'),
    carryOut: (task, signal) => {
      ran.push(`${task.command} at ${clock.monotonic() / 1_000}`)
      if (takesMs === 0) return Promise.resolve()
      return new Promise((resolve) => {
        clock.after(takesMs, resolve)
        signal.addEventListener('abort', resolve)
      })
    },
  })
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { keeper, ran, advance: (ms: number) => clock.advance(ms, settled) }
}

test('one interval after it was taken, then one after each end: a command never overlaps itself', async () => {
  using folder = new Folder()
  const { keeper, ran, advance } = world(folder, 4_000)
  await keeper.accept(HELLO)
  await advance(40_000)
  assert.deepEqual(ran, ['echo hello at 10', 'echo hello at 24', 'echo hello at 38'])
  await keeper[Symbol.asyncDispose]()
})

test('the same task again is the same one; another of its id takes its place', async () => {
  using folder = new Folder()
  const { keeper, ran, advance } = world(folder)
  await Promise.all([keeper.accept(HELLO), keeper.accept(HELLO)])
  await advance(25_000)
  await keeper.accept({ ...HELLO, command: 'echo bye' })
  await advance(20_000)
  assert.deepEqual(ran, ['echo hello at 10', 'echo hello at 20', 'echo bye at 35', 'echo bye at 45'])
  await keeper[Symbol.asyncDispose]()
})

test('what was taken outlives the agent; what cannot be kept does not run', async () => {
  using folder = new Folder()
  const first = world(folder)
  await first.keeper.accept(HELLO)
  await first.keeper.accept({
    ...HELLO,
    task_id: 'other',
    command: 'echo other',
    frequency: 'every 1 minutes',
  })
  await first.keeper[Symbol.asyncDispose]()
  const next = world(folder)
  await next.advance(60_000)
  assert.deepEqual(next.ran.slice(-2), ['echo other at 60', 'echo hello at 60'].sort().reverse())
  await next.keeper[Symbol.asyncDispose]()

  using nowhere = new Folder()
  const broken = new TaskKeeper({
    clock: new HandClock(0),
    file: nowhere.file('no/such/folder/tasks.json'),
    carryOut: async () => {},
  })
  await assert.rejects(broken.accept(HELLO), /ENOENT/)
  await assert.rejects(broken.accept(HELLO), /ENOENT/)
  assert.equal(broken.size, 0)
})

test('tasks beyond the bound are refused', async () => {
  using folder = new Folder()
  const many = Array.from({ length: TASKS_MAX }, (_, n) => ({ ...HELLO, task_id: `t${n}` }))
  writeFileSync(folder.file('tasks.json'), JSON.stringify(many))
  const { keeper } = world(folder)
  assert.equal(await keeper.accept(HELLO), false)
  assert.equal(await keeper.accept({ ...many[7]!, command: 'echo other' }), true)
  await keeper[Symbol.asyncDispose]()
})
