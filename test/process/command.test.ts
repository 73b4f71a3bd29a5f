// Real processes: what they are started with, and what is told of their end.

import assert from 'node:assert/strict'
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { ArgvOf } from '../../src/dispatch/process/process-executor.ts'
import { CONTAINMENTS, KeptLog, machine, NEEDS_LINUX, NEEDS_ROOT, Processes, workOf } from './world.ts'

for (const containment of CONTAINMENTS) {
  describe(`held by a ${containment.kind}`, NEEDS_LINUX, () => {
    test('what it says and how it ends is told', async () => {
      using world = new Processes(containment)
      const { outcome, process, log } = await world.bash('echo out; echo err >&2; exit 3')
      assert.deepEqual(
        { ...outcome, process: null },
        {
          kind: 'error',
          code: 'exit_code',
          message: 'ended with exit code 3',
          reached: 'yes',
          process: null,
        },
      )
      assert.equal(process.exitCode, 3)
      assert.equal(process.outputBytes, 8)
      assert.match(process.output, /^(out\nerr|err\nout)\n$/)
      assert.equal(log.text('stdout'), 'out\n')
      assert.equal(log.text('stderr'), 'err\n')
      assert.equal(log.ended, true)
    })

    test('exit code 0 is good, even without a word', async () => {
      using world = new Processes(containment)
      const { outcome } = await world.run({ argv: ['true'] })
      const process = { exitCode: 0, signal: null, output: '', outputBytes: 0, truncated: false }
      assert.deepEqual(outcome, { kind: 'ok', process })
    })

    test('a signal that ends it is named', async () => {
      using world = new Processes(containment)
      const { outcome, process, log } = await world.bash('kill -SEGV $$')
      assert.equal(process.signal, 'SIGSEGV')
      assert.equal(process.exitCode, null)
      assert.equal(outcome.kind === 'error' && outcome.code, 'signal')
      assert.equal(log.text('stderr'), '', 'what holds it has nothing to say')
    })

    test('arguments arrive as they are, whatever a shell would make of them', async () => {
      using world = new Processes(containment)
      const args = [
        '; id',
        '$(id)',
        '`id`',
        'a\nb',
        '-oProxyCommand=id',
        '*',
        '"',
        "'",
        '',
        '\\',
        'ünïcödé ☂',
        '&& false',
      ]
      const { log } = await world.run({ argv: ['printf', '%s\\0', ...args] })
      assert.deepEqual(log.text().split('\0').slice(0, -1), args)
    })

    test('a line is for a shell where that is said', async () => {
      using world = new Processes(containment)
      const { log } = await world.run({ shell: 'echo $((20 + 1)) | tr 1 2' })
      assert.equal(log.text(), '22\n')
    })

    test('bytes arrive as they are, text or not', async () => {
      using world = new Processes(containment)
      const { log, process } = await world.run({
        argv: ['bash', '-c', 'printf "\\x00\\xff\\xfe\\x1b[31mred\\x1b[0m\\r\\n\\xc3"'],
      })
      assert.deepEqual(log.bytes('stdout'), Buffer.from('\0\xff\xfe\x1b[31mred\x1b[0m\r\n\xc3', 'latin1'))
      assert.equal(process.outputBytes, 18)
    })
  })
}

test(
  'the environment holds what is named, what is harmless, and which run this is',
  NEEDS_LINUX,
  async () => {
    using world = new Processes()
    world.around = {
      PATH: '/usr/bin:/bin',
      LANG: 'C',
      CARILLON_API_KEY: 'secret',
      AWS_SECRET: 'x',
      LD_PRELOAD: 'x',
    }
    const { log } = await world.run(
      { argv: ['env', '-0'], env: { GREETING: 'hello', PATH: '/bin' } },
      { work: { part: { index: 2, total: 5 } } },
    )
    const env = Object.fromEntries(
      log
        .text()
        .split('\0')
        .slice(0, -1)
        .map((entry) => entry.split(/=(.*)/s) as [string, string]),
    )
    assert.match(env['CARILLON_RUN_ID']!, /^run_/)
    assert.match(env['TRACEPARENT']!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    assert.equal(existsSync(env['TMPDIR']!), false, 'its folder is gone with it')
    assert.equal(env['CARILLON_BEAT'], `${env['TMPDIR']}.beat`)
    const known = {
      ...env,
      CARILLON_RUN_ID: '',
      TRACEPARENT: '',
      TMPDIR: '',
      CARILLON_SCRATCH: '',
      CARILLON_BEAT: '',
    }
    for (const name of ['PWD', 'SHLVL', '_', 'OLDPWD']) delete (known as Record<string, string>)[name]
    assert.deepEqual(known, {
      PATH: '/bin',
      LANG: 'C',
      GREETING: 'hello',
      TMPDIR: '',
      CARILLON_RUN_ID: '',
      CARILLON_JOB_ID: 'job_1',
      CARILLON_JOB_NAME: 'job',
      CARILLON_ATTEMPT: '2',
      CARILLON_FENCE: '7',
      CARILLON_DUE_AT: '2027-01-31T00:00:00.000Z',
      CARILLON_TRIGGER: 'schedule',
      CARILLON_LATE: 'false',
      CARILLON_INDEX: '2',
      CARILLON_TOTAL: '5',
      CARILLON_SCRATCH: '',
      CARILLON_BEAT: '',
      TRACEPARENT: '',
    })
  },
)

test('it works in a folder of its own, or in the one that is named', NEEDS_LINUX, async () => {
  using world = new Processes()
  const own = await world.bash('pwd; touch here; ls -A; [ "$TMPDIR" = "$PWD" ]')
  assert.match(own.log.text(), /^\/.*\nhere\n$/)
  assert.equal(own.process.exitCode, 0)
  assert.equal(existsSync(own.log.text().split('\n')[0]!), false)
  const named = await world.bash('pwd', { cwd: world.folder.path })
  assert.equal(named.log.text(), `${world.folder.path}\n`)
})

test('standard input: what the job says, what a trigger sent along, or nothing', NEEDS_LINUX, async () => {
  using world = new Processes()
  assert.equal((await world.run({ argv: ['cat'], stdin: 'from the job' })).log.text(), 'from the job')
  assert.equal((await world.run({ argv: ['cat'] })).log.text(), '')
  const params = async (value: unknown) => {
    const { run } = workOf({ argv: ['cat'] })
    return (
      await world.run({ argv: ['cat'], stdin: 'x' }, { work: { run: { ...run, params: value } } })
    ).log.text()
  }
  assert.equal(await params('by hand'), 'by hand')
  assert.equal(await params({ n: 1 }), '{"n":1}')
  assert.equal((await world.run({ argv: ['cat', '/dev/stdin'], stdin: 'as a file' })).log.text(), 'as a file')
  const large = await world.bash('head -c 1', { stdin: 'x'.repeat(1_000_000) })
  assert.equal(large.process.exitCode, 0, 'it need not read what it is given')
})

test('what cannot start is told before anything starts, with how to mend it', NEEDS_LINUX, async () => {
  using world = new Processes()
  writeFileSync(world.folder.file('plain'), '#!/bin/sh\n')
  const refusals = [
    [{ argv: ['no-such-program'] }, 'command_missing', /there is no program "no-such-program" in .*bin/],
    [{ argv: ['/no/such'] }, 'command_missing', /\/no\/such is not there/],
    [{ argv: [world.folder.file('plain')] }, 'command_missing', /is not executable/],
    [{ argv: [world.folder.path] }, 'command_missing', /is no file/],
    [{ argv: ['true'], cwd: '/no/such/place' }, 'cwd_missing', /there is no directory \/no\/such\/place/],
    [{ argv: ['true'], user: 'no-such-user' }, 'user_unknown', /this machine has no user "no-such-user"/],
  ] as const
  for (const [target, code, message] of refusals) {
    const { outcome, log } = await world.run(target)
    assert.ok(outcome.kind === 'error')
    assert.equal(outcome.code, code)
    assert.equal(outcome.reached, 'no')
    assert.match(outcome.message, message)
    assert.match(log.text('system'), message, 'the log says it too')
  }
})

test('without root nobody becomes another', NEEDS_LINUX, async () => {
  using world = new Processes({ ...machine, kind: 'group', isRoot: false })
  const { outcome } = await world.run({ argv: ['id'], user: 'daemon' })
  assert.ok(outcome.kind === 'error')
  assert.equal(outcome.code, 'user_refused')
  assert.match(outcome.message, /it does not run as root/)
})

for (const containment of CONTAINMENTS) {
  test(`/dev/stdout and /dev/stderr can be opened, held by a ${containment.kind}`, NEEDS_LINUX, async () => {
    using world = new Processes(containment)
    const line = 'echo out > /dev/stdout; echo err > /dev/stderr; echo more'
    const { log } = await world.run({ shell: line })
    assert.equal(log.text('stdout') + log.text('stderr'), 'out\nmore\nerr\n')
    if (!containment.isRoot) return
    const other = await world.run({ shell: line, user: 'daemon' })
    assert.equal(other.log.text('stdout') + other.log.text('stderr'), 'out\nmore\nerr\n')
  })

  test(`another user has no privileges left, held by a ${containment.kind}`, NEEDS_ROOT, async () => {
    using world = new Processes(containment)
    const { log, process } = await world.bash(
      'id -u; id -G; grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status; echo $HOME $USER; touch mine && stat -c %U mine; ls -A ..',
      { user: 'daemon' },
    )
    const [uid, groups, effective, bounding, noNew, who, owner, ...rest] = log.text().split('\n')
    assert.deepEqual([uid, groups, who, owner], ['1', '1', '/usr/sbin daemon', 'daemon'])
    assert.match(effective!, /:\s0+$/)
    assert.match(bounding!, /:\s0+$/)
    assert.match(noNew!, /:\s1$/)
    assert.deepEqual(rest, [''], 'what others do here is not shown')
    assert.notEqual(process.exitCode, 0)
  })

  test(
    `the folder of another user is its own when all is in it, held by a ${containment.kind}`,
    NEEDS_ROOT,
    async () => {
      using world = new Processes(containment)
      const target = { shell: 'stat -c "%U %a" .', user: 'daemon', stdin: 'x' }
      const log = new KeptLog()
      let own = ''
      const argvOf: ArgvOf = (scratch) => {
        // Here the agent, as root, still makes files by name in it.
        const { uid, mode } = statSync(scratch.path)
        assert.deepEqual([uid, mode & 0o777], [0, 0o700])
        own = join(scratch.path, 'not-the-users')
        mkdirSync(own, { mode: 0o700 })
        writeFileSync(join(own, 'file'), '')
        return ['sh', '-c', target.shell]
      }
      const never = new AbortController().signal
      const outcome = await world.executor(log).execute(workOf(target), target, argvOf, never)
      assert.equal(outcome.kind, 'ok')
      assert.equal(log.text(), 'daemon 700\n')
      assert.deepEqual(readdirSync(own), ['file'], 'what its user could not delete is not deleted for it')
      const told = await world.bash('mkdir -p a/b; touch a/b/c; pwd', { user: 'daemon' })
      assert.equal(existsSync(told.log.text().trim()), false)
    },
  )

  test(`limits hold, held by a ${containment.kind}`, NEEDS_LINUX, async () => {
    using world = new Processes(containment)
    const limits = {
      cpuSeconds: 1,
      openFiles: 20,
      fileBytes: 4_096,
      memoryBytes: 256 * 1_048_576,
      processes: 5_000,
    }
    const told = await world.bash('ulimit -t; ulimit -n; ulimit -f; ulimit -v; ulimit -u', { limits })
    assert.equal(told.log.text(), '1\n20\n4\n262144\n5000\n')
    const file = await world.bash('head -c 9999 /dev/zero > file', { limits })
    assert.notEqual(file.process.exitCode, 0)
    const spin = await world.bash('while :; do :; done', { limits })
    assert.ok(['SIGXCPU', 'SIGKILL'].includes(spin.process.signal!), `${spin.process.signal}`)
    const memory = await world.bash('head -c 500000000 /dev/zero | tail -c 400000000 > /dev/null', { limits })
    assert.notEqual(memory.process.exitCode, 0)
  })
}

test('files the agent has open are not handed down', NEEDS_LINUX, async () => {
  using world = new Processes()
  const path = world.folder.file('of-the-agent')
  const open = openSync(path, 'w')
  const { log } = await world.bash('ls -l /proc/self/fd')
  closeSync(open)
  assert.match(log.text(), / 1 -> /)
  assert.doesNotMatch(log.text(), /of-the-agent/)
})

test('what is in the way after its end changes nothing of how it went', NEEDS_LINUX, async () => {
  using world = new Processes()
  const replaced = await world.bash('rm "$CARILLON_BEAT"; mkdir "$CARILLON_BEAT"; exit 3')
  assert.deepEqual([replaced.outcome.kind, replaced.process.exitCode], ['error', 3])
  const { scratch } = world
  const open = scratch.open.bind(scratch)
  scratch.open = async (...args) => {
    const one = await open(...args)
    one[Symbol.asyncDispose] = () => Promise.reject(new Error('it cannot be removed'))
    return one
  }
  const { outcome, log } = await world.bash('exit 0')
  assert.equal(outcome.kind, 'ok')
  assert.equal(log.text('system'), 'after its end: it cannot be removed\n')
})

test('a fault of ours while it ran does not tell that it was not started', NEEDS_LINUX, async () => {
  using world = new Processes()
  const log = new KeptLog()
  const write = log.write.bind(log)
  log.write = (stream, bytes) => {
    if (stream === 'stdout') throw new Error('no log takes it')
    return write(stream, bytes)
  }
  // The begin of a secret is held back until nothing more comes.
  const work = { ...workOf({ argv: ['true'] }), secrets: { TOKEN: 'abcdefgh' } }
  const argv = ['printf', 'abcd']
  const outcome = await world
    .executor(log)
    .execute(work, { argv } as never, () => argv, new AbortController().signal)
  assert.deepEqual(outcome, { kind: 'lost', message: 'was started, and nobody saw its end: no log takes it' })
})
