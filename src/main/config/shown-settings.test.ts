import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from './load-config.ts'
import { shownSettings, UNTOLD } from './shown-settings.ts'

const around = { mode: 'server', hostname: 'here', terminal: false } as const

test('each option says its value and who said so; a secret only that it is there', async () => {
  const env = { CARILLON_SLOTS: '7', CARILLON_ADMIN_KEY: 'a-key-that-nobody-is-to-see-0123' }
  const bus = 'amqp://carillon:hidden-word@mq.internal/jobs'
  const loaded = await loadConfig({ ...around, env, flags: { bus }, readFile: () => null })
  const shown = shownSettings(loaded.config, loaded)
  const of = (name: string) => shown.settings.find(({ option }) => option === name)
  assert.deepEqual([of('slots')?.value, of('slots')?.origin], ['7', 'CARILLON_SLOTS'])
  assert.deepEqual([of('poll-interval')?.origin, of('store')?.value], ['default', null])
  assert.equal(of('admin-key')?.value, '••••••••')
  assert.doesNotMatch(JSON.stringify(shown), /nobody-is-to-see|hidden-word/)
  assert.equal(
    shownSettings(loaded.config, UNTOLD).settings.every(({ origin }) => origin === 'default'),
    true,
  )
})
