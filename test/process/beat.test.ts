// Real processes that tell of themselves while they go on.

import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CONTAINMENTS, NEEDS_LINUX, NEEDS_ROOT, Processes } from './world.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/carillon.js', import.meta.url))

/** Until its word was taken, so that no test depends on how often it is looked at. */
const UNTIL = (world: Processes): string => `until [ -e ${world.folder.file('heard')} ]; do sleep 0.05; done`

for (const containment of CONTAINMENTS) {
  describe(`held by a ${containment.kind}`, NEEDS_LINUX, () => {
    test('lines in CARILLON_BEAT are news; what is none is said once', async () => {
      using world = new Processes(containment)
      const heard = heardBy(world)
      const { outcome, log } = await world.bash(
        `echo '{"progress":0.4,"message":"rows \\u0000 x"}' >> "$CARILLON_BEAT"
         echo 'half done' >> "$CARILLON_BEAT"; echo '{"progress":40}' >> "$CARILLON_BEAT"
         echo '{"progress":0.5}' >> "$CARILLON_BEAT"; ${UNTIL(world)}`,
      )
      assert.equal(outcome.kind, 'ok')
      assert.deepEqual(heard, [{ progress: 0.5, message: 'rows \ufffd x' }])
      assert.equal(log.text('system'), 'a line in CARILLON_BEAT says nothing: it is not a JSON object\n')
    })

    test('carillon run beat says it, of any program', async () => {
      using world = new Processes(containment)
      const heard = heardBy(world)
      const node = `${process.execPath} ${PROGRAM} run beat`
      const { outcome, log } = await world.bash(
        `${node} 40% -m 'almost half' --extend 10m && ${UNTIL(world)}`,
      )
      assert.equal(outcome.kind, 'ok', log.text('stderr'))
      assert.deepEqual(heard, [{ progress: 0.4, message: 'almost half', extendMs: 600_000 }])
    })

    test('who says nothing of itself for policy.heartbeatTimeout is lost', async () => {
      using world = new Processes(containment)
      const { outcome, process } = await world.bash(
        'echo begun; sleep 60',
        {},
        { policy: { heartbeatTimeout: '1s' } },
      )
      assert.deepEqual([outcome.kind, process.output], ['lost', 'begun\n'])
      assert.match(
        (outcome as { message: string }).message,
        /^told nothing of itself for 1s; ended when asked to$/,
      )
    })

    test('a touch is a beat, and more time is given before the timeout strikes', async () => {
      using world = new Processes(containment)
      const line = `echo '{"extend":"1m"}' >> "$CARILLON_BEAT"
        for n in 1 2 3 4 5 6 7 8; do touch "$CARILLON_BEAT"; sleep 0.3; done; echo whole`
      const { outcome, process } = await world.bash(
        line,
        {},
        {
          policy: { timeout: '300ms', heartbeatTimeout: '1500ms' },
        },
      )
      assert.deepEqual([outcome.kind, process.output], ['ok', 'whole\n'])
    })
  })
}

test('the folder of its own is empty at first, and nothing is left of the file', NEEDS_LINUX, async () => {
  using world = new Processes()
  const { log } = await world.bash('ls -A; echo "$CARILLON_BEAT"')
  const [path = '', ...more] = log.text('stdout').trim().split('\n')
  assert.deepEqual([path.startsWith(world.scratch.path), more, existsSync(path)], [true, [], false])
})

test('another user writes it too, and what is put in its place is not read', NEEDS_ROOT, async () => {
  using world = new Processes()
  const heard = heardBy(world)
  const secret = world.folder.file('secret')
  writeFileSync(secret, '{"message":"not yours"}\n', { mode: 0o600 })
  await world.bash(`rm -f "$CARILLON_BEAT"; ln -sf ${secret} "$CARILLON_BEAT"; sleep 1.2`, { user: 'nobody' })
  assert.deepEqual(heard, [])
  const line = `echo '{"progress":1}' >> "$CARILLON_BEAT"; sleep 1.2`
  assert.equal((await world.bash(line, { user: 'nobody' })).outcome.kind, 'ok')
  assert.deepEqual(heard, [{ progress: 1 }])
})

function heardBy(world: Processes): object[] {
  const heard: object[] = []
  world.onNews = (_, news) => {
    heard.push(news)
    writeFileSync(world.folder.file('heard'), '')
  }
  return heard
}
