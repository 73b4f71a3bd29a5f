import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { auditVerdict, type Exception } from '../../scripts/audit-verdict.ts'

const via = (name: string, advisory: string) => ({
  source: 1,
  name,
  title: 'Denial of service',
  url: `https://github.com/advisories/${advisory}`,
  severity: 'high',
})
const reportOf = (vulnerabilities: object): string =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities })
const REPORT = reportOf({
  leaf: { name: 'leaf', severity: 'high', via: [via('leaf', 'GHSA-aaaa')] },
  above: { name: 'above', severity: 'high', via: ['leaf'] },
})
const EXCEPTION: Exception = {
  advisory: 'GHSA-aaaa',
  package: 'leaf',
  reason: 'only its parser is concerned, which is never called here',
  until: '2027-03-31',
}
const TODAY = '2027-01-15'

const problems = (output: string, exceptions: readonly Exception[]): readonly string[] => {
  const verdict = auditVerdict(output, exceptions, TODAY)
  assert.ok(verdict.kind === 'answered')
  return verdict.problems
}

test('an advisory is a problem, once for where it lies', () => {
  assert.deepEqual(problems(REPORT, []), [
    'leaf: high, Denial of service (GHSA-aaaa). Update it, or write down in audit-exceptions.json why not.',
  ])
  assert.deepEqual(problems(reportOf({}), []), [])
})

test('an exception holds with a reason and until its end, and only while it is needed', () => {
  assert.deepEqual(problems(REPORT, [EXCEPTION]), [])
  assert.deepEqual(problems(REPORT, [{ ...EXCEPTION, until: TODAY }]), [])
  assert.match(
    problems(REPORT, [{ ...EXCEPTION, until: '2027-01-14' }])[0]!,
    /ended on 2027-01-14: look again/,
  )
  assert.match(problems(REPORT, [{ ...EXCEPTION, until: 'someday' }])[0]!, /has no end/)
  assert.match(problems(REPORT, [{ ...EXCEPTION, reason: 'fine' }])[0]!, /does not say why/)
  assert.match(problems(REPORT, [{ ...EXCEPTION, package: 'other' }])[0]!, /Update it/)
  assert.match(problems(reportOf({}), [EXCEPTION])[0]!, /not there any more/)
})

test('a registry that does not answer is told of and fails nothing', () => {
  for (const output of ['', 'npm error network', '[]', 'null', '{"message":"405 Method Not Allowed"}']) {
    const verdict = auditVerdict(output, [], TODAY)
    assert.equal(verdict.kind, 'unanswered', output)
  }
})

test('the exceptions that are written down can be read', () => {
  const file = readFileSync(new URL('../../audit-exceptions.json', import.meta.url), 'utf8')
  for (const one of JSON.parse(file) as Exception[])
    assert.deepEqual(Object.keys(one).toSorted(), ['advisory', 'package', 'reason', 'until'])
})
