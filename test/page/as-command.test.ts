// A run as a command to paste into a shell: what was sent, quoted so that nothing of it is carried out, without its secrets.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import type { Job, Run } from '../../src/sdk/index.ts'
import { cliCommand, curlCommand } from '../../ui/src/views/run/as-command.ts'
import { RUN } from '../cli/wire.ts'

const run = (more: Partial<Run> = {}): Run => ({ ...RUN, ...more })
const http = (target: NonNullable<Job['target']['http']>): Pick<Job, 'target'> => ({
  target: { http: target },
})

/** The words as a shell understands them. */
function words(command: string): string[] {
  const shown = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
  return shown.trimEnd().split('\n')
}

test('what was sent is sent again, word for word, and secrets are left out', () => {
  const url = "https://example.com/a?b=$(id)&c='d'"
  const headers = { Authorization: 'Bearer hidden-word', 'X-Team': 'billing & co' }
  const told = curlCommand(http({ url, headers, body: { due: '`id`' } }), run())
  assert.deepEqual(words(told), [
    ...['curl', '-i', '-X', 'POST', url],
    ...['-H', 'Authorization: <secret>', '-H', 'X-Team: billing & co'],
    ...['-H', 'Content-Type: application/json'],
    ...['-H', `Idempotency-Key: ${RUN.id}`, '-H', `Carillon-Due-At: ${RUN.dueAt}`],
    ...['--data-raw', '{"due":"`id`"}'],
  ])
  const plain = words(
    curlCommand(http({ url: 'https://example.com/', method: 'PUT' }), run({ params: 'text' })),
  )
  assert.deepEqual([plain[3], plain.slice(-2)], ['PUT', ['--data-raw', 'text']])
})

test('on the command line an ended run is done again, an open one is followed', () => {
  assert.equal(cliCommand(run({ status: 'failed' })), `npx carillon run retry ${RUN.id}`)
  assert.equal(cliCommand(run({ status: 'running' })), `npx carillon run watch ${RUN.id}`)
})
