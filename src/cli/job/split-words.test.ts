import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitWords } from './split-words.ts'

const LINES: readonly (readonly [string, string[] | null])[] = [
  ['', []],
  ['  backup   --all ', ['backup', '--all']],
  [`echo 'a b' "c d" e\\ f`, ['echo', 'a b', 'c d', 'e f']],
  [`say '' ""`, ['say', '', '']],
  [`a'b'"c"d`, ['abcd']],
  [`"\\"q\\" \\n"`, ['"q" \\n']],
  ['echo $(id) ; rm *', ['echo', '$(id)', ';', 'rm', '*']],
  [`'not closed`, null],
  [`"not closed`, null],
  ['ends with \\', null],
]

for (const [line, words] of LINES) {
  test(JSON.stringify(line), () => assert.deepEqual(splitWords(line), words))
}
