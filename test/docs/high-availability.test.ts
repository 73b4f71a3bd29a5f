// The files of the page on high availability are what they claim to be.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadConfig } from '../../src/main/config/load-config.ts'
import { readYaml } from '../../src/main/yaml-documents.ts'

const FOLDER = new URL('../../docs/operating/patroni/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8')

test('the Patroni example parses, and acknowledges nothing that one disk alone has', () => {
  type Patroni = {
    scope: string
    bootstrap: { dcs: Record<string, unknown> & { postgresql: { parameters: Record<string, unknown> } } }
    postgresql: { authentication: Record<string, Record<string, unknown>> }
  }
  const [patroni, ...more] = readYaml(read('patroni.yaml')) as [Patroni]
  assert.equal(more.length, 0)
  const { dcs } = patroni.bootstrap
  assert.deepEqual(
    [dcs['synchronous_mode'], dcs['synchronous_mode_strict'], dcs['synchronous_node_count']],
    [true, true, 1],
  )
  // Patroni asks for it: https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
  assert.ok(Number(dcs['loop_wait']) + 2 * Number(dcs['retry_timeout']) <= Number(dcs['ttl']))
  const { parameters } = dcs.postgresql
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) assert.equal(parameters[name], 'on')
  for (const who of Object.values(patroni.postgresql.authentication)) assert.equal('password' in who, false)
})

test("the servers' file is one that a server starts with", async () => {
  const path = '/etc/carillon/carillon.yaml'
  const text = read('carillon.yaml')
  const loaded = await loadConfig({
    mode: 'server',
    hostname: 'birch',
    terminal: false,
    flags: { config: path },
    env: {},
    readFile: (name) => {
      if (name === path) return { text, mode: 0o600 }
      if (!name.startsWith('/run/secrets/')) return null
      return { text: 'a-secret-that-is-long-enough-for-anybody', mode: 0o600 }
    },
  })
  assert.deepEqual(loaded.problems, [])
  assert.equal(loaded.file, path)
  assert.match(loaded.config.store ?? '', /pg-a.*,pg-b/)
  assert.equal(loaded.config.stopNoticeMs, 10_000)
})
