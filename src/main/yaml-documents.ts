// YAML and JSON as people hand them over in files, and YAML as it is shown to them.

import { parseAllDocuments, stringify } from 'yaml'

/** What is wrong with a text, with line and column. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
}

/** Every document of a text; JSON is YAML with one document. Empty ones are left out. */
export function readYaml(text: string): unknown[] {
  const documents = parseAllDocuments(text, { prettyErrors: true })
  if (!Array.isArray(documents)) return []
  return documents
    .map((document) => {
      const error = document.errors[0]
      if (error !== undefined) throw new YamlError(error.message.split('\n')[0]!.replace(/:$/, ''))
      return document.toJS({ maxAliasCount: 100 }) as unknown
    })
    .filter((value) => value !== null)
}

/** Characters a terminal would obey or hide stand as escapes, in quotes. */
export function writeYaml(value: unknown): string {
  const plain = stringify(value, { lineWidth: 0 })
  if (!HIDDEN.test(plain)) return plain
  const quoted = stringify(value, {
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  })
  return quoted.replace(
    HIDDEN_ALL,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const HIDDEN = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const HIDDEN_ALL = new RegExp(HIDDEN, 'g')
