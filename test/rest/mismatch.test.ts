// The explaining check says no exactly when the compiled one does, and says it in one clear problem.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { mismatches } from '../../src/doors/http/validate/mismatch.ts'
import * as job from '../../src/protocol/job.ts'
import { JobBatchRequest } from '../../src/protocol/job-batch.ts'
import { KeyDraft, KeyRotation } from '../../src/protocol/key.ts'
import { ProjectDraft, ProjectPatch } from '../../src/protocol/project.ts'
import { SchedulePreviewRequest } from '../../src/protocol/schedule.ts'

const REQUESTS: Record<string, TSchema> = {
  JobDraft: job.JobDraft,
  JobBatchRequest,
  PauseRequest: job.PauseRequest,
  ResumeRequest: job.ResumeRequest,
  TriggerRequest: job.TriggerRequest,
  KeyDraft,
  KeyRotation,
  ProjectDraft,
  ProjectPatch,
  SchedulePreviewRequest,
}

const FULL = {
  name: 'a',
  project: 'p',
  description: null,
  labels: { a: 'b' },
  schedule: {
    cron: '* * * * *',
    timezone: 'UTC',
    dst: { gap: 'skip', overlap: 'both' },
    maxRuns: 3,
    from: 'x',
    until: 'y',
  },
  target: {
    http: {
      url: 'u',
      method: 'GET',
      headers: { a: 'b' },
      body: [1],
      acceptStatus: [200, '3xx'],
      redirectsMax: 1,
      batch: { maxItems: 2, maxBytes: 3 },
    },
  },
  policy: {
    overlap: { mode: 'queue', max: 3 },
    catchUp: { mode: 'all', within: '1h', rate: 3, order: 'newest' },
    retry: { delays: ['1s'], factor: 2, jitter: 0.5, nonRetryable: ['4xx', 500] },
    delivery: 'at_most_once',
    keep: { days: 1, last: 0 },
    onResume: 'all',
  },
  callback: { url: 'u', on: ['failed'], retryDelays: ['1s'] },
}

/** Paths of everything in a document. */
function paths(value: unknown, at: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...at, key]))]
}

function replaced(value: unknown, [step, ...rest]: (string | number)[], by: unknown): unknown {
  if (step === undefined) return by
  if (Array.isArray(value))
    return value.map((inner, n) => (String(n) === String(step) ? replaced(inner, rest, by) : inner))
  const object = value as Record<string, unknown>
  return { ...object, [step]: replaced(object[step], rest, by) }
}

const odd = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    1.5,
    5e9,
    '',
    'x',
    '5',
    [],
    {},
    [[]],
    { zz: 1 },
    'skip',
    ['skip'],
    { mode: 'skip' },
    { mode: 1 },
  ),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>,
)

test('both checks agree on documents with one thing changed', () => {
  const compiled = Compile(job.JobDraft)
  assert.ok(compiled.Check(FULL))
  fc.assert(
    fc.property(fc.constantFrom(...paths(FULL)), odd, (path, by) => {
      const document = replaced(FULL, path, by)
      assert.equal(
        mismatches(job.JobDraft, document).length === 0,
        compiled.Check(document),
        JSON.stringify(document),
      )
    }),
    { numRuns: 4_000 },
  )
})

test('both checks agree on whatever JSON there is, for every request', () => {
  for (const [name, schema] of Object.entries(REQUESTS)) {
    const compiled = Compile(schema)
    const keys = Object.keys((schema as { properties?: object }).properties ?? {})
    const document = fc.oneof(odd, fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), odd))
    fc.assert(
      fc.property(document, (value) => {
        assert.equal(
          mismatches(schema, value).length === 0,
          compiled.Check(value),
          `${name} ${JSON.stringify(value)}`,
        )
      }),
      { numRuns: 500 },
    )
  }
})

type Case = readonly [
  path: (string | number)[],
  by: unknown,
  pointer: string,
  code: string,
  says: RegExp,
  suggestion?: string,
]

const CASES: readonly Case[] = [
  [
    ['policy', 'overlap'],
    'skp',
    '/policy/overlap',
    'enum',
    /one of "skip", "queue", "allow", "replace", not "skp"/,
    'skip',
  ],
  [['policy', 'overlap'], 5, '/policy/overlap', 'type', /one of .* or an object, not 5/],
  [
    ['policy', 'overlap'],
    { mode: 'queue', mx: 1 },
    '/policy/overlap/mx',
    'unknown_field',
    /Did you mean "max"/,
    'max',
  ],
  [
    ['policy', 'overlap'],
    { mode: 'queue', max: 0 },
    '/policy/overlap/max',
    'range',
    /"max" must be from 1 up to 1000, not 0/,
  ],
  [['policy', 'overlap'], { max: 1 }, '/policy/overlap/mode', 'required', /"mode" is missing/],
  [['policy', 'catchUp', 'rate'], 0, '/policy/catchUp/rate', 'range', /above 0/],
  [
    ['policy', 'retry', 'nonRetryable', 1],
    5000,
    '/policy/retry/nonRetryable/1',
    'range',
    /"nonRetryable\/1" must be from 100 up to 599/,
  ],
  [['schedule', 'maxRuns'], '5', '/schedule/maxRuns', 'type', /a whole number, not "5"/],
  [['schedule', 'maxRuns'], 1.5, '/schedule/maxRuns', 'type', /a whole number, not 1.5/],
  [
    ['schedule', 'timezon'],
    'UTC',
    '/schedule/timezon',
    'unknown_field',
    /Did you mean "timezone"/,
    'timezone',
  ],
  [['schedule'], null, '/schedule', 'type', /an object, not null/],
  [['target', 'http', 'method'], 'CONNECT', '/target/http/method', 'enum', /one of "GET"/],
  [['target', 'http', 'acceptStatus'], [], '/target/http/acceptStatus', 'range', /at least 1 element/],
  [['labels', 'a/b~c'], 5, '/labels/a~1b~0c', 'type', /must be text/],
  [['description'], 5, '/description', 'type', /text or null/],
  [['callback', 'on', 0], 'pending', '/callback/on/0', 'enum', /one of "succeeded"/],
  [[], [], '', 'type', /The body must be an object, not a list/],
  [[], null, '', 'type', /The body must be an object, not null/],
]

for (const [path, by, pointer, code, says, suggestion] of CASES) {
  test(`one problem for ${path.join('.') || 'the body'} = ${JSON.stringify(by)}`, () => {
    const problems = mismatches(job.JobDraft, replaced(FULL, path, by))
    assert.equal(problems.length, 1, JSON.stringify(problems))
    assert.equal(problems[0]?.pointer, pointer)
    assert.equal(problems[0]?.code, code)
    assert.match(problems[0]?.detail ?? '', says)
    assert.equal(problems[0]?.suggestion, suggestion)
  })
}

test('all problems at once, and no more than can be read', () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`field${n}`, n]))
  const problems = mismatches(job.JobDraft, { ...many })
  assert.equal(problems.length, 50)
  const three = mismatches(job.JobDraft, { nam: 'x', schedule: {}, target: { http: { url: 1 } } })
  assert.deepEqual(three.map(({ pointer, code }) => `${code} ${pointer}`).sort(), [
    'required /name',
    'type /target/http/url',
    'unknown_field /nam',
  ])
})

test('a key of the prototype is no known field', () => {
  assert.equal(mismatches(job.PauseRequest, JSON.parse('{"constructor":1}'))[0]?.code, 'unknown_field')
  assert.equal(mismatches(job.PauseRequest, JSON.parse('{"toString":1}'))[0]?.code, 'unknown_field')
})
