// The app.toml of dcron: where its clients put their scripts, and the keys of that storage. Of TOML as much is read as that
// file has: tables, and names with strings. Its database means nothing here.

import { variable } from '../from-environment.ts'
import type { Environment, Gathered, Given, Notice, ReadFile } from '../given.ts'
import { readableByOthers } from '../secret-file.ts'

export const DCRON_FILE_VARIABLE = 'DCRON_CONFIG'
const DEFAULT_FILE = 'app.toml'
/** The bucket of its client. */
const BUCKET = 'rust-s3'
const NOTHING: Gathered = { given: [], problems: [], warnings: [] }

/** Named, or lying where the server starts when it has a listener for dcron. */
export function fromDcronFile(env: Environment, readFile: ReadFile, listens: boolean): Gathered {
  const named = variable(env, DCRON_FILE_VARIABLE)
  if (named === undefined && !listens) return NOTHING
  const path = named ?? DEFAULT_FILE
  const refuse = (detail: string): Gathered => ({ ...NOTHING, problems: [{ origin: path, detail }] })
  try {
    const file = readFile(path)
    if (file === null)
      return named === undefined ? NOTHING : refuse(`is not there; ${DCRON_FILE_VARIABLE} names it`)
    const settings = settingsOf(path, file.text)
    const holdsSecret = settings.given.some(({ key }) => key === 'doorDcronScriptsSecretKey')
    if (!holdsSecret || !readableByOthers(file.mode)) return settings
    const detail = 'The password in it can be read by other users.'
    return { ...settings, warnings: [{ origin: path, detail, suggestion: `chmod 600 ${path}` }] }
  } catch (error) {
    return refuse(`cannot be read: ${(error as Error).message}`)
  }
}

function settingsOf(path: string, text: string): Gathered {
  const { entries, problems } = readToml(path, text)
  const given: Given[] = []
  const take = (name: string, key: Given['key'], convert = (value: string) => value): void => {
    const value = entries.get(`minio.${name}`)
    if (value !== undefined) given.push({ key, text: convert(value), origin: `${path}: minio.${name}` })
  }
  take('host', 'doorDcronScripts', (host) => {
    const endpoint = /^https?:\/\//.test(host) ? host : `http://${host}`
    return `s3://${BUCKET}?${new URLSearchParams({ endpoint })}`
  })
  take('username', 'doorDcronScriptsAccessKey')
  take('password', 'doorDcronScriptsSecretKey')
  return { given, problems, warnings: [] }
}

const TABLE = /^\[\s*([\w.-]+)\s*\]$/
const ENTRY = /^([\w-]+)\s*=\s*(.*)$/
const STRING = /^(?:"((?:[^"\\]|\\["\\])*)"|'([^']*)')$/
/** A comment, unless it stands in a string. */
const COMMENT = /^((?:[^"'#]|"(?:[^"\\]|\\.)*"|'[^']*')*)#.*$/

/** By table and name: "minio.host". Values that are no strings are passed over, as nothing here has any. */
function readToml(path: string, text: string): { entries: Map<string, string>; problems: Notice[] } {
  const entries = new Map<string, string>()
  const problems: Notice[] = []
  let table = ''
  for (const [n, line] of text.split(/\r?\n/).entries()) {
    const code = line.replace(COMMENT, '$1').trim()
    const [, named] = TABLE.exec(code) ?? []
    const [, name, value] = ENTRY.exec(code) ?? []
    if (named !== undefined) table = `${named}.`
    else if (name !== undefined) {
      const [string, basic, literal] = STRING.exec(value!) ?? []
      if (string !== undefined) entries.set(table + name, basic?.replaceAll(/\\(.)/g, '$1') ?? literal!)
      else if (table === 'minio.') problems.push(unreadable(path, n, `${name} is no string of TOML`))
    } else if (code !== '') problems.push(unreadable(path, n, 'is neither a table nor a name with a value'))
  }
  return { entries, problems }
}

function unreadable(path: string, n: number, detail: string): Notice {
  return { origin: `${path}, line ${n + 1}`, detail }
}
