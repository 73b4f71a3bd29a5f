// Prints how long files and functions are: a mirror, not a gate. `npm run measure [folder] [how many]`

import { stripTypeScriptTypes } from 'node:module'
import { blank } from '../test/tidy/scan.ts'
import { readTree } from '../test/tidy/tree.ts'
import { lineAt } from '../test/tidy/violation.ts'

type Measure = { readonly lines: number; readonly what: string }

const ROWS = 15
const NOT_FUNCTIONS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with'])

function functionsOf(path: string, text: string): Measure[] {
  // Without types (their place is kept) a brace behind a parenthesis or an arrow opens a body and nothing else.
  const code = blank(stripTypeScriptTypes(text))
  return [...code.matchAll(/(\)|=>)\s*\{/g)].flatMap((match) => {
    const name = match[1] === '=>' ? arrowName(code, match.index) : callableName(code, match.index)
    if (name === null) return []
    const open = match.index + match[0].length - 1
    const first = lineAt(code, match.index)
    const last = lineAt(code, closing(code, open))
    return [{ lines: last - first + 1, what: `${path}:${first} ${name}` }]
  })
}

/** The word before the parameters; null: a statement such as `if (…) {`. */
function callableName(code: string, close: number): string | null {
  const before = code.slice(0, opening(code, close)).trimEnd()
  const name = /[#\w$]+$/.exec(before)?.[0] ?? '(anonymous)'
  return NOT_FUNCTIONS.has(name) ? null : name
}

function arrowName(code: string, arrow: number): string {
  const line = code.slice(code.lastIndexOf('\n', arrow) + 1, arrow)
  return (
    /\b(?:const|let)\s+([\w$]+)\s*=|([\w$]+)\s*:\s*(?:async\s*)?\(/.exec(line)?.slice(1).find(Boolean) ?? '=>'
  )
}

function opening(code: string, close: number): number {
  let depth = 0
  for (let at = close; at >= 0; at -= 1) {
    if (code[at] === ')') depth += 1
    if (code[at] === '(') depth -= 1
    if (depth === 0) return at
  }
  return 0
}

function closing(code: string, open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === '{') depth += 1
    if (code[at] === '}') depth -= 1
    if (depth === 0) return at
  }
  return code.length
}

function print(title: string, measures: readonly Measure[], rows: number): void {
  const sorted = measures.toSorted((a, b) => b.lines - a.lines)
  const quantile = (share: number): number => sorted[Math.floor(sorted.length * (1 - share))]?.lines ?? 0
  console.log(
    `\n${title}: ${sorted.length}, half up to ${quantile(0.5)} lines, nine of ten up to ${quantile(0.9)}, longest ${sorted[0]?.lines ?? 0}`,
  )
  for (const { lines, what } of sorted.slice(0, rows)) console.log(`${String(lines).padStart(6)}  ${what}`)
}

const folder = process.argv[2] ?? 'src'
const rows = Number(process.argv[3] ?? ROWS)
const files = readTree().filter(({ path }) => path.startsWith(`${folder}/`) && path.endsWith('.ts'))
const product = files.filter(({ path }) => !path.endsWith('.test.ts') || folder !== 'src')

print(
  `Files of ${folder}`,
  product.map(({ path, text }) => ({ lines: text.trimEnd().split('\n').length, what: path })),
  rows,
)
print(
  `Functions of ${folder}`,
  product.flatMap(({ path, text }) => functionsOf(path, text)),
  rows,
)
