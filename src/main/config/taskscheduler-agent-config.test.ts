// Given these flags and this environment → it listens there, and tells that server.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callersOf } from '../taskscheduler-callers.ts'
import { type TaskschedulerAgentFlags, taskschedulerAgentConfig } from './taskscheduler-agent-config.ts'

function shown(flags: TaskschedulerAgentFlags, env: Record<string, string> = {}) {
  const { config, problems } = taskschedulerAgentConfig(flags, env)
  return config === null
    ? problems.map(({ origin }) => origin)
    : [config.listen.host, config.listen.port, config.server]
}

test('":8081" is this machine, and every address only where callers are named', () => {
  const server = 'http://localhost:8080'
  assert.deepEqual(shown({}), ['127.0.0.1', 8081, server])
  assert.deepEqual(shown({ listen: ':8081' }), ['127.0.0.1', 8081, server])
  assert.deepEqual(shown({ listen: ':8081', callers: ['10.0.0.5'] }), ['::', 8081, server])
  assert.deepEqual(shown({ listen: '0.0.0.0:1', callers: ['10.0.0.0/8'] }), ['0.0.0.0', 1, server])
  assert.deepEqual(shown({ listen: '0.0.0.0:8081' }), ['--listen'])
  assert.deepEqual(shown({ listen: 'here' }), ['--listen'])
})

test('its environment is read, and counts less than what is said', () => {
  const env = { PORT: '9000', TASK_SERVER_ADDRESS: 'http://any:key@there:1' }
  assert.deepEqual(shown({}, env), ['127.0.0.1', 9000, 'http://any:key@there:1'])
  assert.deepEqual(shown({ listen: '[::1]:1', server: 'http://x' }, env), ['::1', 1, 'http://x'])
  for (const server of ['there:1', 'ftp://there', 'http://any:%zz@there']) {
    assert.deepEqual(shown({ server }), ['--server'])
  }
  // What is wrong with an address that may hold a key is said without it.
  const { problems } = taskschedulerAgentConfig({ server: 'x://any:secret-key@there' }, {})
  assert.ok(!JSON.stringify(problems).includes('secret-key'))
})

test('callers are addresses and blocks', () => {
  const list = callersOf(['10.0.0.5', '10.1.0.0/16', 'fd00::/8'])
  const may = (address: string, family: 'ipv4' | 'ipv6') => list.check(address, family)
  assert.deepEqual(
    [may('127.0.0.1', 'ipv4'), may('10.0.0.5', 'ipv4'), may('10.1.9.9', 'ipv4'), may('fd00::7', 'ipv6')],
    [true, true, true, true],
  )
  assert.deepEqual(
    [may('10.0.0.6', 'ipv4'), may('8.8.8.8', 'ipv4'), may('fe80::1', 'ipv6')],
    [false, false, false],
  )
  for (const wrong of ['', 'host', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/8/9', '::/129']) {
    assert.throws(() => callersOf([wrong]), /no address/)
  }
})
