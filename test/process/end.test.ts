// How processes are made to end, those too that would rather not.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../support/until.ts'
import { CONTAINMENTS, grouped, NEEDS_LINUX, Processes, processesSaying } from './world.ts'

let marks = 0
/** A number of seconds that nobody else sleeps. */
function mark(): string {
  marks += 1
  return `${7_000_000 + process.pid * 10 + marks}`
}

for (const containment of CONTAINMENTS) {
  const gone = (seconds: string): Promise<true> =>
    until(`nobody sleeps ${seconds} any more`, 5_000, () => processesSaying(seconds).length === 0 || null)

  describe(`held by a ${containment.kind}`, NEEDS_LINUX, () => {
    test('at its deadline it is asked to end, and may tidy up', async () => {
      using world = new Processes(containment)
      const seconds = mark()
      const { outcome, process, log } = await world.bash(
        `trap "echo tidied; exit 4" TERM; echo ready; sleep ${seconds} & wait`,
        {},
        { policy: { timeout: '500ms' } },
      )
      assert.equal(outcome.kind, 'timeout')
      assert.equal('message' in outcome && outcome.message, 'did not end within 500ms; ended when asked to')
      assert.equal(log.text(), 'ready\ntidied\n')
      assert.equal(process.exitCode, 4)
      await gone(seconds)
    })

    test('one that does not listen is killed', async () => {
      using world = new Processes(containment)
      const seconds = mark()
      const { outcome, process } = await world.bash(
        `trap "" TERM; echo ready; sleep ${seconds}; sleep ${seconds}`,
        { killAfter: '200ms' },
        { policy: { timeout: '300ms' } },
      )
      assert.equal(
        'message' in outcome && outcome.message,
        'did not end within 300ms; was killed after 200ms more',
      )
      assert.equal(process.signal, 'SIGKILL')
      await gone(seconds)
    })

    test('a cancelled one ends, with what it had said', async () => {
      using world = new Processes(containment)
      const seconds = mark()
      const { log, abort, ended } = world.begin({ argv: ['bash', '-c', `echo ready; sleep ${seconds}`] })
      await log.said('ready')
      abort.abort()
      const { outcome, process } = await ended
      assert.equal(outcome.kind, 'cancelled')
      assert.equal(process.output, 'ready\n')
      assert.equal(process.signal, 'SIGTERM')
      await gone(seconds)
    })

    test('one cancelled before its start never starts', async () => {
      using world = new Processes(containment)
      const { abort, ended, log } = world.begin({ argv: ['echo', 'started'] })
      abort.abort()
      assert.equal((await ended).outcome.kind, 'cancelled')
      assert.equal(log.text(), '')
    })

    test('what it leaves behind ends with it: in the background, double-forked, in a session of its own', async () => {
      using world = new Processes(containment)
      const seconds = mark()
      const { process } = await world.bash(
        `sleep ${seconds} & (setsid sleep ${seconds} &) ; setsid bash -c '(trap "" TERM HUP; sleep ${seconds}) & sleep ${seconds}' & exec 1>&- 2>&-; sleep 0.2`,
      )
      assert.equal(process.exitCode, 0)
      await gone(seconds)
    })

    test('a child that holds the output open does not hold up the end', async () => {
      using world = new Processes(containment)
      const seconds = mark()
      const { process, log } = await world.bash(`setsid sleep ${seconds} & echo done`)
      assert.equal(process.exitCode, 0)
      assert.equal(log.text(), 'done\n')
      await gone(seconds)
    })

    test('one that closes its output goes on to its end', async () => {
      using world = new Processes(containment)
      const { process } = await world.bash('exec 1>&- 2>&- 0>&-; sleep 0.3; exit 6')
      assert.equal(process.exitCode, 6)
    })

    test('when the agent is killed, what it runs ends', async () => {
      const seconds = mark()
      const script = fileURLToPath(new URL('./agent-child.ts', import.meta.url))
      const agent = spawn(process.execPath, [script, containment.kind, seconds], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(agent.stdout!, 'data')
      await until('it runs', 5_000, () => processesSaying(seconds).length > 0)
      agent.kill('SIGKILL')
      if (containment.kind === 'namespace') await gone(seconds)
      else
        await until('the command itself is gone', 5_000, () => processesSaying(`${seconds}.1`).length === 0)
      for (const pid of processesSaying(seconds)) process.kill(pid, 'SIGKILL')
      await gone(seconds)
    })
  })
}

for (const [how, line] of [
  ['without a pause', 'yes'],
  ['a little at a time', 'while :; do echo x; sleep 0.3; done'],
] as const) {
  test(`what has escaped and writes on, ${how}, holds up nothing`, NEEDS_LINUX, async () => {
    using world = new Processes(grouped)
    // A session of its own, and nothing in its environment by which it could be found.
    const leave = `env -i PATH=$PATH setsid sh -c '${line}' & sleep 0.2`
    const { process, outcome } = await world.bash(leave, {}, { policy: { timeout: '20s' } })
    assert.deepEqual([outcome.kind, process.exitCode], ['ok', 0])
  })
}

test('no deadline is no deadline', NEEDS_LINUX, async () => {
  using world = new Processes()
  const { outcome } = await world.bash('sleep 0.3', {}, { policy: { timeout: '0s' } })
  assert.equal(outcome.kind, 'ok')
})
