// The address of the store, as libpq writes it: postgres://user:password@host1:5432,host2:5433/database?parameter=value.
// What is not known is refused, so that a misspelt sslmode does not silently mean less.

import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

export type Host = { readonly host: string; readonly port: number }

export type Address = {
  readonly hosts: readonly Host[]
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  /** false: not encrypted. */
  readonly tls: ConnectionOptions | false
}

const SCHEME = /^postgres(?:ql)?:\/\//
const PORT = 5432

const PARAMETERS = new Set([
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'target_session_attrs',
  'application_name',
])

export function isPostgresAddress(text: string): boolean {
  return SCHEME.test(text)
}

/** Throws an Error that says what is wrong, never with the password in it. */
export function readAddress(text: string): Address {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text)
  if (parts === null) throw wrong('write postgres://user:password@host:5432/database')
  const [, who = '', where = '', path = '', query = ''] = parts
  const colon = who.indexOf(':')
  const user = decode(colon < 0 ? who : who.slice(0, colon))
  if (user === '') throw wrong('it names no user: postgres://user:password@host/database')
  // Of a password that holds one, the rest stands where the hosts or the database are; it is not shown.
  if (where.includes('@') || path.includes('@'))
    throw wrong('write an @ in the user, the password or the database as %40, and a / as %2F')
  const parameters = readParameters(query)
  return {
    hosts: where.split(',').map(readHost),
    user,
    password: colon < 0 ? undefined : decode(who.slice(colon + 1)),
    database: decode(path) || user,
    tls: readTls(parameters),
  }
}

/** For people: all but the password. */
export function describeAddress({ hosts, user, database }: Address): string {
  return `postgres://${user}@${hosts.map(({ host, port }) => `${host}:${port}`).join(',')}/${database}`
}

/** The same text, but for the password; of one that is not escaped, rather too much than too little. */
export function hidePassword(text: string): string {
  return text.replace(/^([a-z]+:\/\/[^@/?:]*):(?:[^?]*|.*)@/, '$1:••••••••@')
}

function readParameters(query: string): URLSearchParams {
  const parameters = new URLSearchParams(query)
  for (const name of parameters.keys()) {
    if (!PARAMETERS.has(name))
      throw wrong(`it has the parameter ${name}, which is not known (known: ${[...PARAMETERS].join(', ')})`)
  }
  const wanted = parameters.get('target_session_attrs') ?? 'read-write'
  if (wanted !== 'read-write' && wanted !== 'primary')
    throw wrong(`target_session_attrs is ${wanted}; the store needs read-write, which is the default`)
  return parameters
}

function readHost(text: string): Host {
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d+))?$/.exec(text)
  const port = Number(parts?.[2] ?? PORT)
  if (parts === null || port < 1 || port > 65_535) throw wrong(`"${text}" is no host or host:port`)
  return { host: decode(parts[1]!.replace(/^\[|\]$/g, '')), port }
}

/** As libpq means them. `prefer` and `allow` would fall back to plain text without a word, so they are refused. */
function readTls(parameters: URLSearchParams): ConnectionOptions | false {
  const mode = parameters.get('sslmode') ?? 'disable'
  const file = (name: string) => {
    const path = parameters.get(name)
    return path === null ? undefined : readPem(name, path)
  }
  const certificates = { ca: file('sslrootcert'), cert: file('sslcert'), key: file('sslkey') }
  switch (mode) {
    case 'disable':
      return false
    case 'require':
      // With a root certificate at hand libpq checks against it here too.
      return certificates.ca === undefined
        ? { ...certificates, rejectUnauthorized: false }
        : { ...certificates, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-ca':
      return { ...certificates, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      return { ...certificates, rejectUnauthorized: true }
    default:
      throw wrong(`sslmode is ${mode}; it may be disable, require, verify-ca or verify-full`)
  }
}

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw wrong(`${name} cannot be read: ${(error as Error).message}`)
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong('it has a % that is no escape; write % as %25')
  }
}

function wrong(what: string): Error {
  return new Error(`is wrong: ${what}`)
}
