// A server keeps what is young in little room, unless whoever starts it has said how much there is.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../bin/carillon.js', import.meta.url))
const ROOM = '--max-semi-space-size=8'
/** Says with what each start of the process runs. */
const TELL = `--import=data:text/javascript,process._rawDebug('runs with '+JSON.stringify([process.pid,process.execArgv]))`
const skip = process.execve === undefined ? 'this system cannot begin a process anew' : false

async function starts(args: readonly string[], nodeArgs: readonly string[] = [], options = '') {
  const { PATH, HOME } = process.env
  // Told it is on Windows, it would keep its cache in a folder of that name right here.
  const env = { PATH, HOME, NODE_OPTIONS: options, NODE_DISABLE_COMPILE_CACHE: '1' } as NodeJS.ProcessEnv
  const child = spawn(process.execPath, [TELL, ...nodeArgs, PROGRAM, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, errors] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    errors += text
  })
  const [code] = await once(child, 'close')
  assert.equal(code, 0, errors)
  const told = errors.split('\n').filter((line) => line.startsWith('runs with '))
  const runs = told.map((line) => JSON.parse(line.slice('runs with '.length)) as [number, string[]])
  assert.equal(errors.split('\n').length - 1, runs.length, `nothing else is said: ${errors}`)
  return { out, pids: runs.map(([pid]) => pid), flags: runs.map(([, flags]) => flags.slice(1)) }
}

test('a server begins once more with its room, as the same process, with all it was given', {
  skip,
}, async () => {
  const { out, pids, flags } = await starts(['server', '--help'], ['--stack-size=900'])
  assert.match(out, /^Usage: carillon server /)
  assert.deepEqual(flags, [['--stack-size=900'], ['--stack-size=900', ROOM]])
  assert.equal(pids[0], pids[1])
})

test('whoever says how much room there is, is heard; other commands start as they are', {
  skip,
}, async () => {
  const said = '--max-semi-space-size=16'
  assert.deepEqual((await starts(['server', '--help'], [said])).flags, [[said]])
  assert.deepEqual((await starts(['up', '--help'], [], '--max_semi_space_size=2')).flags, [[]])
  assert.deepEqual((await starts(['job', '--help'])).flags, [[]])
})

test('its threads clear their own, unless it was started with a word about that', { skip }, async () => {
  const tell = `import v8 from 'node:v8';v8.setFlagsFromString=(flag)=>process._rawDebug('runs with '+JSON.stringify([0,[0,flag]]));(await import('node:module')).syncBuiltinESMExports()`
  const told = async (command: string, ...nodeArgs: string[]): Promise<string[]> => {
    const given = [
      `--import=data:text/javascript,${encodeURIComponent(tell)}`,
      '--max-semi-space-size=8',
      ...nodeArgs,
    ]
    const { flags } = await starts([command, '--help'], given)
    return flags.flat().filter((flag) => /^--(?:no-)?parallel/.test(flag))
  }
  assert.deepEqual(await told('server'), ['--no-parallel-scavenge'])
  assert.deepEqual(await told('server', '--parallel-scavenge'), ['--parallel-scavenge'])
  assert.deepEqual(await told('job'), [])
})

test('where it could not begin once more, it goes on as it is', { skip }, async () => {
  for (const place of ["'execPath',{value:'/gone/node'}", "'platform',{value:'win32'}"]) {
    const given = `--import=data:text/javascript,Object.defineProperty(process,${place})`
    const { out, flags } = await starts(['server', '--help'], [given])
    assert.match(out, /^Usage: carillon server /)
    assert.deepEqual(flags, [[given]])
  }
})
