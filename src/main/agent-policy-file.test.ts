import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPolicyDocument } from './agent-policy-file.ts'

test('a policy is what its file says', () => {
  const policy = { commands: true, shell: false, users: ['backup'], directories: ['/srv'] }
  assert.deepEqual(checkPolicyDocument(policy, 'p.yaml'), policy)
  assert.deepEqual(checkPolicyDocument({}, 'p.yaml'), {})
})

const WRONG: readonly (readonly [unknown, RegExp])[] = [
  [null, /is no object/],
  [['commands'], /is no object/],
  [{ comands: false }, /"comands", which is not known. Known: commands/],
  [{ commands: 'no' }, /commands: it is true or false/],
  [{ users: 'root' }, /users: it is a list of texts/],
  [{ users: [''] }, /users: it is a list of texts/],
  [{ directories: ['srv'] }, /absolute paths/],
]

for (const [document, message] of WRONG) {
  test(`refused: ${JSON.stringify(document)}`, () => {
    assert.throws(() => checkPolicyDocument(document, 'p.yaml'), message)
  })
}
