// Options given in a configuration file: one YAML (or JSON) map from option to value; what concerns a door stands below `doors`.

import { nearestWord } from '../../doors/http/nearest-word.ts'
import type { Config } from './config.ts'
import type { Gathered, Notice, ReadFile } from './given.ts'
import { fileKey, OPTION_KEYS, OPTIONS } from './options.ts'
import { fromSecretFile, readableByOthers } from './secret-file.ts'

export const DEFAULT_FILES = ['./carillon.yaml', '/etc/carillon/carillon.yaml'] as const

export type FromFile = { readonly path: string | null; readonly gathered: readonly Gathered[] }

/** `named`: the file that was asked for, which then must exist; otherwise the first of the usual places. */
export async function fromFile(
  named: { readonly path: string; readonly origin: string } | null,
  readFile: ReadFile,
): Promise<FromFile> {
  for (const path of named === null ? DEFAULT_FILES : [named.path]) {
    try {
      const file = readFile(path)
      if (file !== null) return { path, gathered: await gather(path, file, readFile) }
    } catch (error) {
      return { path, gathered: [refusal(path, `cannot be read: ${(error as Error).message}`)] }
    }
  }
  if (named === null) return { path: null, gathered: [] }
  return { path: null, gathered: [refusal(named.origin, `names a file that does not exist: ${named.path}`)] }
}

async function gather(
  path: string,
  file: { text: string; mode: number },
  readFile: ReadFile,
): Promise<Gathered[]> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(file.text, { prettyErrors: true })
  if (document.errors.length > 0) {
    return document.errors.map((error) => refusal(path, error.message.split('\n')[0]!.replace(/:$/, '')))
  }
  const content: unknown = document.toJS({ maxAliasCount: 0 })
  if (content === null) return []
  if (typeof content !== 'object' || Array.isArray(content)) {
    return [refusal(path, 'must be a map from options to values, such as "listen: 127.0.0.1:8080"')]
  }
  return flat(content).map(([key, value]) => readEntry(path, key, value, file.mode, readFile))
}

/** `doors: { dcron: { listen: … } }` is `doors.dcron.listen`. */
function flat(content: object, above = ''): [string, unknown][] {
  return Object.entries(content).flatMap(([key, value]) => {
    const name = above + key
    const parent = OPTION_KEYS.some((option) => fileKey(OPTIONS[option].name).startsWith(`${name}.`))
    return parent && isMap(value) ? flat(value, `${name}.`) : [[name, value] as [string, unknown]]
  })
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readEntry(path: string, name: string, value: unknown, mode: number, readFile: ReadFile): Gathered {
  const origin = `${path}: ${name}`
  const key = OPTION_KEYS.find((key) => fileKey(OPTIONS[key].name) === name)
  const secretOf = OPTION_KEYS.find(
    (key) => OPTIONS[key].secret && `${fileKey(OPTIONS[key].name)}File` === name,
  )
  if (key === undefined && secretOf === undefined) return unknownKey(origin, name)
  if (value === null) return refusal(origin, 'has no value')
  const structured = key !== undefined && OPTIONS[key].kind.structured === true
  const text = structured && typeof value === 'object' ? JSON.stringify(value) : asText(value)
  if (text === null) return refusal(origin, 'is a single value or a list of them')
  if (key === undefined) return fromSecretFile(secretOf as keyof Config, text, origin, readFile)
  const warnings: Notice[] =
    OPTIONS[key].secret && readableByOthers(mode)
      ? [
          {
            origin,
            detail: `${path} holds a secret and can be read by other users.`,
            suggestion: `chmod 600 ${path}`,
          },
        ]
      : []
  return { given: [{ key, text, origin }], problems: [], warnings }
}

function unknownKey(origin: string, name: string): Gathered {
  const known = OPTION_KEYS.map((key) => fileKey(OPTIONS[key].name))
  const meant = nearestWord(name, known)
  const problem = { origin, detail: 'is not an option' }
  return { given: [], warnings: [], problems: [meant === null ? problem : { ...problem, suggestion: meant }] }
}

function asText(value: unknown): string | null {
  if (Array.isArray(value)) {
    const parts = value.map(asText)
    return parts.includes(null) ? null : parts.join(',')
  }
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

function refusal(origin: string, detail: string): Gathered {
  return { given: [], warnings: [], problems: [{ origin, detail }] }
}
