// Habits of a source file: it says what it is, leaves nothing for later, and imports what is there.

import { isTest, sourcesOf } from './sources.ts'
import { lineAt, type Rule } from './violation.ts'

const SOURCE = /^(?:src|test|scripts|bench|ui)\//

export const beginningRule: Rule = {
  name: 'beginning',
  check: (files) =>
    sourcesOf(files, /^(?:src|ui\/src)\//)
      .filter(({ text }) => !/^\s*(?:\/\/|\/\*|import\b)/.test(text))
      .map(({ path }) => ({
        path,
        line: 1,
        rule: 'beginning',
        message:
          'begins with neither a comment nor an import. Say in one to three lines what lives here and what it promises.',
      })),
}

export const laterRule: Rule = {
  name: 'nothing-for-later',
  check: (files) =>
    files
      .filter(({ path }) => /^(?:src|ui)\//.test(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\b(?:TODO|FIXME|XXX|HACK)\b/g)].map((match) => ({
          path,
          line: lineAt(text, match.index),
          rule: 'nothing-for-later',
          message: `${match[0]}: do it now, or open an issue and say here why it is as it is.`,
        })),
      ),
}

export const importRule: Rule = {
  name: 'imports',
  check(files) {
    const paths = new Set(files.map(({ path }) => path))
    return sourcesOf(files, SOURCE).flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line, target }) => {
        const at = (message: string) => [{ path, line, rule: 'imports', message }]
        if (target.kind === 'package') {
          if (BUILT_IN.has(specifier.split('/')[0]!))
            return at(`"${specifier}" is part of Node: write "node:${specifier}".`)
          return []
        }
        if (!/\.(?:tsx?|css|json|js)$/.test(specifier))
          return at(`"${specifier}" must end with .ts, as the file does.`)
        if (specifier.endsWith('.js') && paths.has(target.path.replace(/\.js$/, '.ts')))
          return at(`"${specifier}" must end with .ts, as the file does.`)
        if (paths.has(target.path)) return []
        return at(`"${specifier}" leads to ${target.path}, which does not exist.`)
      }),
    )
  },
}

const BUILT_IN = new Set(
  'assert buffer child_process crypto dns events fs http https module net os path process stream timers tls url util worker_threads zlib'.split(
    ' ',
  ),
)

export const testRule: Rule = {
  name: 'tests',
  check(files) {
    const sources = new Map(sourcesOf(files, SOURCE).map((source) => [source.path, source]))
    return [...sources.values()]
      .filter(({ path }) => isTest(path))
      .flatMap((source) => {
        const { path, text, code, imports } = source
        const at = (offset: number, message: string) => ({
          path,
          line: lineAt(text, offset),
          rule: 'tests',
          message,
        })
        const shared = imports.flatMap(({ target }) =>
          target.kind === 'file' && !target.path.startsWith('src/')
            ? [sources.get(target.path)?.code ?? '']
            : [],
        )
        const found = [code, ...shared].some((one) => /\bassert\s*[.(]|\bassert\w*\s*\(/.test(one))
        return [
          ...(found ? [] : [at(0, 'asserts nothing, nor does a file of test/ that it imports.')]),
          ...[...code.matchAll(/\.only\s*\(|\bonly\s*:\s*true\b/g)].map(({ index }) =>
            at(index, 'runs only a part of the tests. Take the `only` away.'),
          ),
          ...[
            ...code.matchAll(
              /\b(?:test|it|describe|suite)\.(?:skip|todo)\s*\(|\b(?:skip|todo)\s*:\s*true\b/g,
            ),
          ].map(({ index }) => at(index, "is left out without a reason. Write { skip: 'why' }.")),
          ...[...code.matchAll(/\b\w+\.(?:skip|todo)\s*\(\s*\)/g)].map(({ index }) =>
            at(index, "is left out without a reason. Write t.skip('why')."),
          ),
        ]
      })
  },
}
