// Nothing in the tree knows the machine it was written on.

import { lineAt, type Rule } from './violation.ts'

/** Home and workspace folders, at the beginning of a path. */
const MACHINE_PATH =
  /(?<![\w.\-/})*\\])\/(?:home|Users|root|work|workspaces?)\/[\w.~-]+|(?<![\w.\-/})*\\])\/root(?![\w/])|\b[A-Za-z]:\\+Users\\+\w+/g

export const machinePathRule: Rule = {
  name: 'machine-paths',
  check: (files) =>
    files.flatMap(({ path, text }) =>
      [...text.matchAll(MACHINE_PATH)].map((match) => ({
        path,
        line: lineAt(text, match.index),
        rule: 'machine-paths',
        message: `"${match[0]}" is a path of one machine. Use a path relative to the repository, a temporary folder, or ~.`,
      })),
    ),
}
