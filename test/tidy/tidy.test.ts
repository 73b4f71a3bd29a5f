// The tree as it is keeps the rules of the house.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RULES } from './rules.ts'
import { readTree } from './tree.ts'
import { describeViolation } from './violation.ts'

const files = readTree()

test('there is something to look at', () => {
  assert.ok(files.some(({ path }) => path === 'package.json'))
  assert.ok(files.filter(({ path }) => path.startsWith('src/')).length > 50)
})

for (const rule of RULES) {
  test(`the tree keeps the rule: ${rule.name}`, () => {
    const lines = rule.check(files).map(describeViolation)
    assert.equal(lines.length, 0, `${lines.length} to mend:\n${lines.join('\n')}`)
  })
}
