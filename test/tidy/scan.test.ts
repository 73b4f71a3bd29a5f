// The scanner tells code from text: on what is easily mistaken, and on every source there is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blank, importsOf } from './scan.ts'
import { readTree } from './tree.ts'

const TEMPLATE = ['a `x $', '{b + `y $', '{c}` + { d: 1 }.d} z` e'].join('')

const BLANKED: readonly (readonly [string, string])[] = [
  ["a('b') // c", "a(' ')     "],
  ['a /* b\nc */ d', 'a     \n     d'],
  ["'it\\'s' + b", "'     ' + b"],
  ['a / b / c', 'a / b / c'],
  ['rates[0]! / (b ?? c)', 'rates[0]! / (b ?? c)'],
  ['if (!/[/\'"]+/.test(a)) b', 'if (!/      /.test(a)) b'],
  ['return /`/g', 'return / /g'],
  ["x = a ? '//' : b", "x = a ? '  ' : b"],
  [TEMPLATE, TEMPLATE.replace('x', ' ').replace('y', ' ').replace(' z', '  ')],
]

for (const [text, expected] of BLANKED) {
  test(`blank: ${JSON.stringify(text)}`, () => assert.equal(blank(text), expected))
}

test('imports of every form are found, those in texts and comments are not', () => {
  const text = [
    "import a from 'a'",
    "import type { B } from 'b'",
    "import { type C, type D } from 'c'",
    "import d, { type E } from 'd'",
    "import * as e from 'e'",
    "import 'f'",
    "export { g } from 'g'",
    "const h = await import('h')",
    "import {\n  i,\n  j,\n} from 'i'",
    "// import 'no'",
    `const text = "import 'no'"`,
  ].join('\n')
  assert.deepEqual(
    importsOf(text).map(({ specifier, typeOnly }) => (typeOnly ? `type ${specifier}` : specifier)),
    ['a', 'type b', 'type c', 'd', 'e', 'f', 'g', 'h', 'i'],
  )
})

test('in every source of the tree brackets are balanced once texts are gone', () => {
  const odd = readTree()
    .filter(({ path }) => path.endsWith('.ts'))
    .filter(({ text }) => !isBalanced(blank(text)))
    .map(({ path }) => path)
  assert.deepEqual(odd, [])
})

const OPENING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

function isBalanced(code: string): boolean {
  const open: string[] = []
  for (const char of code) {
    if ('([{'.includes(char)) open.push(char)
    else if (char in OPENING && open.pop() !== OPENING[char]) return false
  }
  return open.length === 0
}
