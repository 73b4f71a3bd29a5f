import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workOf } from '../../test/dispatch/support.ts'
import { FACTS_BEFORE } from '../domain/job-warnings.ts'
import { workFacts } from './work-facts.ts'

test('what a job is warned of is what is not filled in', () => {
  const work = workOf({ url: 'https://example.com/' })
  const facts = Object.keys(workFacts(work as never))
  assert.deepEqual(facts.toSorted(), FACTS_BEFORE.map((fact) => `run.${fact}`).toSorted())
})
