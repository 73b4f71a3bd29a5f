// A crontab, line by line: what becomes a job, and what is said of what does not.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCrontab } from '../../ui/src/import/crontab.ts'

const read = (text: string) => readCrontab(text, 'Europe/Berlin')

test('lines become jobs with their comments, zones and variables', () => {
  const [backup, ping, nightly] = read(`
SHELL=/bin/bash
STAGE=production
# Backs up the shop
30 2 * * 1-5  /usr/local/bin/backup --all
CRON_TZ=Asia/Tokyo
*/5 * * * *\tcurl -fsS 'https://example.com/ping?x=1' > /dev/null 2>&1

@daily tidy%one%two \\% three
`).map(({ draft }) => draft!)
  assert.equal(backup!.description, 'Backs up the shop')
  assert.deepEqual(backup!.schedule, { cron: '30 2 * * 1-5', timezone: 'Europe/Berlin' })
  assert.deepEqual(backup!.target, {
    command: { shell: '/usr/local/bin/backup --all', env: { STAGE: 'production' } },
  })
  assert.deepEqual(ping!.schedule, { cron: '*/5 * * * *', timezone: 'Asia/Tokyo' })
  assert.deepEqual(ping!.target, { http: { url: 'https://example.com/ping?x=1' } })
  assert.equal(ping!.description, undefined)
  assert.deepEqual(nightly!.target, {
    command: { shell: 'tidy', stdin: 'one\ntwo % three\n', env: { STAGE: 'production' } },
  })
})

test('what cannot be a job says why', () => {
  const lines = read('@reboot start\n@every_5m x\n* * * *\nMAILTO=me@example.com\n\n# only a comment')
  assert.deepEqual(
    lines.map(({ number, draft, notes }) => [number, draft, notes[0]?.split(/[ :]/, 1)[0]]),
    [
      [1, null, '@reboot'],
      [2, null, '@every_5m'],
      [3, null, 'A'],
      [4, null, 'MAILTO'],
    ],
  )
})

test('names are told apart, and a call that does more than call stays a command', () => {
  const drafts = read(
    '0 1 * * * /bin/x\n0 2 * * * /bin/x\n0 3 * * * curl -d a=b https://example.com/\n0 4 * * * curl https://example.com/ | sh',
  ).map(({ draft }) => draft!)
  assert.equal(new Set(drafts.map(({ name }) => name)).size, 4)
  assert.ok(drafts.slice(2).every(({ target }) => 'command' in target))
})
