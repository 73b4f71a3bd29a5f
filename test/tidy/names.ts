// Names say what a thing is: kebab-case files, no drawer for odds and ends, named exports, one index.

import { matches, sourcesOf } from './sources.ts'
import type { Rule, TreeFile, Violation } from './violation.ts'

const SOURCE = /^(?:src|test|scripts|bench|ui)\//
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/
const DRAWERS = ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers', 'misc']

/** The public surface of the client library: the one place where a list of names is the idea. */
const INDEX_FILES = ['src/sdk/index.ts']

export const fileNameRule: Rule = {
  name: 'file-names',
  check: (files) =>
    files.filter(({ path }) => SOURCE.test(path) && /\.(?:tsx?|css)$/.test(path)).flatMap(misnamed),
}

function misnamed({ path }: TreeFile): Violation[] {
  const at = (message: string): Violation => ({ path, line: 1, rule: 'file-names', message })
  const parts = path.split('/')
  const odd = parts.find((part) => !KEBAB.test(part))
  const drawer = parts.flatMap((part) => part.split(/[-.]/)).find((word) => DRAWERS.includes(word))
  return [
    ...(odd === undefined ? [] : [at(`"${odd}" is not kebab-case: lower case words joined by hyphens.`)]),
    ...(drawer === undefined
      ? []
      : [at(`"${drawer}" names no idea. Name the file after the one thing it exports.`)]),
    ...(parts.at(-1) === 'index.ts' && !INDEX_FILES.includes(path)
      ? [
          at(
            `index files hide where things live; only ${INDEX_FILES.join(', ')} has one. Import the file itself.`,
          ),
        ]
      : []),
  ]
}

export const exportRule: Rule = {
  name: 'named-exports',
  check: (files) =>
    sourcesOf(files, SOURCE).flatMap((source) => [
      ...matches(
        source,
        /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/g,
        'named-exports',
        () => 'exports a default. Give it its name, so that it is the same everywhere.',
      ),
      ...(INDEX_FILES.includes(source.path)
        ? []
        : matches(
            source,
            /\bexport\s+(?:type\s+)?\*/g,
            'named-exports',
            () => 'exports everything of another file. Name what is meant.',
          )),
    ]),
}
