// TypeScript files as the rules see them: their code without comments and texts, their imports, resolved.

import { posix } from 'node:path'
import { blank, type Import, importsOf } from './scan.ts'
import { lineAt, type TreeFile, type Violation } from './violation.ts'

export type Source = TreeFile & {
  readonly code: string
  readonly imports: readonly (Import & { readonly line: number; readonly target: Target })[]
}

/** A file of the tree, a package (or part of Node), or a relative path. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }

const scanned = new WeakMap<TreeFile, Source>()

export function sourcesOf(files: readonly TreeFile[], under: RegExp): Source[] {
  return files.filter(({ path }) => /\.tsx?$/.test(path) && under.test(path)).map(scan)
}

/** Every rule asks for the same files; each is read once. */
function scan(file: TreeFile): Source {
  const known = scanned.get(file)
  if (known !== undefined) return known
  const code = blank(file.text)
  const imports = importsOf(file.text, code).map((found) => ({
    ...found,
    line: lineAt(file.text, found.offset),
    target: targetOf(file.path, found.specifier),
  }))
  const source: Source = { ...file, code, imports }
  scanned.set(file, source)
  return source
}

function targetOf(from: string, specifier: string): Target {
  if (specifier.startsWith('.')) return { kind: 'file', path: posix.join(posix.dirname(from), specifier) }
  const parts = specifier.split('/')
  if (specifier.startsWith('node:')) return { kind: 'package', name: specifier }
  return { kind: 'package', name: parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') }
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts')
}

/** One violation for every match of `pattern` in the code. */
export function matches(
  source: Source,
  pattern: RegExp,
  rule: string,
  message: (found: string) => string,
): Violation[] {
  return [...source.code.matchAll(pattern)].map((match) => ({
    path: source.path,
    line: lineAt(source.text, match.index),
    rule,
    message: message(match[0].trim()),
  }))
}
