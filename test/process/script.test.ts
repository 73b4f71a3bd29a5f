// Scripts as processes: checked before they run, kept for the next time, told when they are not what they should be.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { ScriptCache } from '../../src/dispatch/script-cache.ts'
import { createScriptDispatcher, type FetchScript } from '../../src/dispatch/script-dispatcher.ts'
import type { ScriptTarget } from '../../src/domain/command-target.ts'
import type { Work } from '../../src/ports/work.ts'
import { never } from '../dispatch/support.ts'
import { KeptLog, NEEDS_LINUX, NEEDS_ROOT, Processes, workOf } from './world.ts'

const shaOf = (content: string): string => createHash('sha256').update(content).digest('hex')

function scriptWork(script: Partial<ScriptTarget> & { sha256: string }): Work {
  const work = workOf({ argv: ['unused'] })
  const target = { script: { interpreter: 'bash', ...script } }
  return { ...work, run: { ...work.run, projectId: 'prj_1' }, spec: { ...work.spec, target } } as Work
}

async function ran(world: Processes, fetch: FetchScript, ...works: readonly Work[]) {
  const log = new KeptLog()
  const dispatcher = createScriptDispatcher(world.executor(log), fetch)
  const outcomes = []
  for (const work of works) outcomes.push(await dispatcher.dispatch(work, never))
  return { outcomes, log }
}

const HELLO = 'echo "hello $1 of $#"; cat; exit 7\n'

test('a script gets its arguments, its input and its interpreter', NEEDS_LINUX, async () => {
  using world = new Processes()
  const work = scriptWork({ sha256: shaOf(HELLO), args: ['a b', '$x'], stdin: 'input' })
  const { outcomes, log } = await ran(world, async () => Buffer.from(HELLO), work)
  assert.equal(log.text(), 'hello a b of 2\ninput')
  assert.ok(outcomes[0]?.kind === 'error' && outcomes[0].process?.exitCode === 7)
  const python = 'import sys; print(sys.argv[1:], __file__[-6:])\n'
  const other = scriptWork({ sha256: shaOf(python), interpreter: 'python3', args: ['--x'] })
  assert.equal((await ran(world, async () => Buffer.from(python), other)).log.text(), "['--x'] script\n")
})

test('one that is not what the job asks for is not executed', NEEDS_LINUX, async () => {
  using world = new Processes()
  const { outcomes, log } = await ran(
    world,
    async () => Buffer.from('echo evil'),
    scriptWork({ sha256: shaOf(HELLO) }),
  )
  const [outcome] = outcomes
  assert.ok(outcome?.kind === 'error')
  assert.deepEqual([outcome.code, outcome.reached], ['script_mismatch', 'no'])
  assert.match(
    outcome.message,
    new RegExp(`SHA-256 ${shaOf('echo evil')}, the job asks for ${shaOf(HELLO)}; it was not executed`),
  )
  assert.equal(log.text(), '')
})

test('it is fetched once, and again after it was not to be had', NEEDS_LINUX, async () => {
  using world = new Processes()
  const work = scriptWork({ sha256: shaOf(HELLO) })
  const answers = [
    () => {
      throw new Error('the store is away')
    },
    () => null,
    () => Buffer.from(HELLO),
  ]
  let asked = 0
  const fetch: FetchScript = async () => {
    asked += 1
    return answers.shift()!()
  }
  const { outcomes } = await ran(world, fetch, work, work, work, work, work)
  const codes = outcomes.map((outcome) => outcome.kind === 'error' && outcome.code)
  assert.deepEqual(codes, ['script_unavailable', 'script_unknown', 'exit_code', 'exit_code', 'exit_code'])
  assert.equal(asked, 3)
})

test('another user can read its own script and nobody else can', NEEDS_ROOT, async () => {
  using world = new Processes()
  const content = 'id -un; stat -c "%U %a" "$0"\n'
  const work = scriptWork({ sha256: shaOf(content), user: 'daemon' })
  assert.equal((await ran(world, async () => Buffer.from(content), work)).log.text(), 'daemon\ndaemon 400\n')
})

test('what is remembered is bounded, and the longest unused goes first', () => {
  const cache = new ScriptCache(10)
  for (const key of ['a', 'b', 'c']) cache.set(key, new Uint8Array(3))
  cache.get('a')
  cache.set('d', new Uint8Array(3))
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== null),
    [true, false, true, true],
  )
  cache.set('e', new Uint8Array(11))
  assert.equal(cache.get('e'), null)
  cache.set('a', new Uint8Array(4))
  assert.equal(cache.bytes, 10)
})
