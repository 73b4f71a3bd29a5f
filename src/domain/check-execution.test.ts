import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkTarget } from './check-target.ts'
import { type CommandTarget, EXECUTION_LIMITS, type ScriptTarget } from './command-target.ts'
import { Problems } from './errors.ts'
import type { Target } from './target.ts'

const SHA = 'ab'.repeat(32)

function problemsOf(target: object): string[] {
  const problems = new Problems()
  checkTarget(target as Target, problems, '')
  for (const { detail } of problems.list) assert.match(detail, /^["A-Z0-9].*\.$/s, detail)
  return problems.list.map(({ pointer, code }) => `${pointer} ${code}`)
}

const command = (change: object): string[] => problemsOf({ command: { argv: ['true'], ...change } })
const script = (change: Partial<ScriptTarget>): string[] =>
  problemsOf({ script: { sha256: SHA, interpreter: 'python3', ...change } })

test('what a process can be started with', () => {
  const fine: CommandTarget[] = [
    { argv: ['backup', '', '; id', '$(id)', '-oProxyCommand=x', 'line\nbreak', 'ü'] },
    { shell: 'df -h | tail -1' },
    { argv: ['x'], env: { STAGE: '', PATH: '/opt/bin', _x1: '\n' }, cwd: '/srv/a b/..c', user: 'www-data' },
    { argv: ['x'], stdin: 'text', killAfter: '0s', output: { maxBytes: 0 }, user: '1000' },
    {
      argv: ['x'],
      limits: { cpuSeconds: 1, memoryBytes: 2 ** 30, openFiles: 64, processes: 9, fileBytes: 0 },
    },
    { argv: ['x'], on: {} },
    { argv: ['x'], on: { any: true, labels: { role: 'db', 'example.com/zone': '' } } },
  ]
  for (const target of fine) assert.deepEqual(problemsOf({ command: target }), [], JSON.stringify(target))
  assert.deepEqual(script({ args: ['--day', ''], interpreter: 'python3.12' }), [])
})

test('a job does exactly one thing', () => {
  const http = { url: 'https://example.com/' }
  assert.deepEqual(problemsOf({}), [' exactly_one_of'])
  assert.deepEqual(problemsOf({ http, command: { argv: ['x'] } }), [' exactly_one_of'])
  assert.deepEqual(problemsOf({ command: { argv: ['x'], shell: 'x' } }), ['/command exactly_one_of'])
  assert.deepEqual(problemsOf({ command: {} }), ['/command exactly_one_of'])
})

test('a command starts with a program', () => {
  assert.deepEqual(command({ argv: [] }), ['/command/argv command_empty'])
  assert.deepEqual(command({ argv: [' '] }), ['/command/argv/0 command_empty'])
  assert.deepEqual(problemsOf({ command: { shell: ' \n' } }), ['/command/shell command_empty'])
})

test('nothing holds U+0000, and all of it fits', () => {
  assert.deepEqual(command({ argv: ['a', 'b\0'] }), ['/command/argv/1 nul'])
  assert.deepEqual(problemsOf({ command: { shell: 'a\0' } }), ['/command/shell nul'])
  assert.deepEqual(command({ env: { A: '\0' } }), ['/command/env/A nul'])
  assert.deepEqual(command({ cwd: '/a\0' }), ['/command/cwd nul'])
  assert.deepEqual(command({ env: { A: 'x'.repeat(EXECUTION_LIMITS.argBytesMax) } }), [
    '/command command_too_large',
  ])
  assert.deepEqual(command({ argv: ['x', ...Array.from({ length: 1_000 }, () => 'y')] }), [
    '/command/argv too_many',
  ])
  assert.deepEqual(command({ stdin: 'ü'.repeat(600_000) }), ['/command/stdin stdin_too_large'])
})

test('variables that change a program before it starts are refused', () => {
  const names = 'LD_PRELOAD LD_LIBRARY_PATH NODE_OPTIONS BASH_ENV ENV CARILLON_RUN_ID TRACEPARENT'.split(' ')
  for (const name of names)
    assert.deepEqual(command({ env: { [name]: 'x' } }), [`/command/env/${name} env_reserved`])
  for (const name of ['A=B', '1A', '', 'A B', 'ä'])
    assert.deepEqual(command({ env: { [name]: 'x' } }), [`/command/env/${name} env_invalid`])
})

test('directories, users, counts', () => {
  for (const cwd of ['srv', './srv', '/srv/../etc', '', `/${'x'.repeat(5_000)}`])
    assert.deepEqual(command({ cwd }), ['/command/cwd cwd_invalid'])
  for (const user of ['', 'Root', 'a b', '-x', 'x'.repeat(40)])
    assert.deepEqual(command({ user }), ['/command/user user_invalid'])
  assert.deepEqual(command({ limits: { cpuSeconds: 0, memoryBytes: 1, openFiles: 3 } }), [
    '/command/limits/cpuSeconds range',
    '/command/limits/memoryBytes range',
    '/command/limits/openFiles range',
  ])
  assert.deepEqual(command({ output: { maxBytes: 2 ** 40 }, killAfter: '1h' }), [
    '/command/output/maxBytes range',
    '/command/killAfter range',
  ])
})

test('a place is one of three', () => {
  assert.deepEqual(command({ on: { any: true, all: true } }), ['/command/on exactly_one_of'])
  assert.deepEqual(command({ on: { shard: 0 } }), ['/command/on/shard range'])
  assert.deepEqual(command({ on: { all: true } }), [])
  assert.deepEqual(command({ on: { shard: 4 } }), [])
  assert.deepEqual(command({ on: { labels: { 'a b': 'c' } } }), ['/command/on/labels/a b label_invalid'])
})

test('a script is named by its content, and run by a name that is no path', () => {
  assert.deepEqual(script({ sha256: 'abc' }), ['/script/sha256 sha256_invalid'])
  assert.deepEqual(script({ sha256: SHA.toUpperCase() }), ['/script/sha256 sha256_invalid'])
  for (const interpreter of ['', '/usr/bin/python3', '../sh', 'py thon', '-c'])
    assert.deepEqual(script({ interpreter }), ['/script/interpreter interpreter_invalid'])
})

test('what would not be done as it is said is refused', () => {
  const url = 'https://example.com/'
  assert.deepEqual(problemsOf({ http: { url, async: false } }), [])
  assert.deepEqual(problemsOf({ http: { url, async: true } }), [])
  assert.deepEqual(problemsOf({ http: { url, async: true, batch: {} } }), ['/http/async async_batch'])
})
