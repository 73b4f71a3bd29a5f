// npm run audit: asks the registry for advisories of what an installation has. What is known and does not concern the product
// stands in audit-exceptions.json, with a reason and an end. A registry that does not answer fails nothing, and is told.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { auditVerdict, type Exception } from './audit-verdict.ts'

const TIMEOUT_MS = 30_000

const exceptions = JSON.parse(
  readFileSync(new URL('../audit-exceptions.json', import.meta.url), 'utf8'),
) as Exception[]
const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev', '--fetch-retries=0'], {
  encoding: 'utf8',
  timeout: TIMEOUT_MS,
  shell: process.platform === 'win32',
})
const verdict = auditVerdict(stdout ?? '', exceptions, new Date().toISOString().slice(0, 10))
if (verdict.kind === 'unanswered') {
  console.warn(`npm audit: NOT CHECKED, the registry did not answer (${verdict.why})`)
} else {
  for (const line of verdict.excepted) console.log(`npm audit: excepted: ${line}`)
  for (const line of verdict.problems) console.error(`npm audit: ${line}`)
  if (verdict.problems.length > 0) process.exitCode = 1
  else console.log('npm audit: nothing that is not excepted')
}
