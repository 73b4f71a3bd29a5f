// What PostgreSQL and the network to it throw, in words an operator can act on. Broken constraints stay what they
// are: our own mistake.

import { StoreUnavailable } from '../../ports/store.ts'

/** By class (two characters) or whole code, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TEXTS: Readonly<Record<string, string>> = {
  '08': 'the connection to the database was lost',
  '25006': 'the database is read-only: it is a standby, or no longer the primary',
  '25P03': 'a transaction was left waiting and the database ended it',
  '25P04': 'a transaction took too long and the database ended it',
  '28': 'the database refuses this user; check user, password and pg_hba.conf',
  '3D000': 'this database does not exist; create it, or correct its name in the store address',
  '40': 'the transaction met another one too often',
  '42501': 'this user lacks a right; see docs/operating/postgresql.md for the rights it needs',
  '53': 'the database has no room left (disk, memory or connections)',
  '55P03': 'a row stayed locked for too long',
  '57': 'the database is stopping, starting or was told to end this',
  '58': 'the machine of the database reports an error',
  XX: 'the database reports damage or an error of its own',
}

/** Errors of sockets and of the driver, which have no SQLSTATE. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the name service does not answer',
}

const DRIVER =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout expired|The server does not support SSL|not queryable|connection is closed)/

export function asStoreFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreUnavailable) return error
  const code = codeOf(error)
  if (code !== null && /^[0-9A-Z]{5}$/.test(code)) {
    const text = TEXTS[code] ?? TEXTS[code.slice(0, 2)]
    if (text === undefined) return error
    return new StoreUnavailable(`${text} (SQLSTATE ${code}: ${error.message})`, { cause: error })
  }
  if (code !== null && (code in NETWORK || code.startsWith('ERR_TLS') || TLS.test(code))) {
    const text = NETWORK[code] ?? 'no trusted TLS connection'
    return new StoreUnavailable(`${text} (${error.message || code})`, { cause: error })
  }
  if (!DRIVER.test(error.message)) return error
  return new StoreUnavailable(`the database does not answer (${error.message})`, { cause: error })
}

const TLS = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_)/

export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

/** Took part in a deadlock or met a transaction it could not follow: nothing was written, and it may be tried again. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40P01' || code === '40001'
}

/** Nothing can be said of a connection after this, or it leads to a database that takes no writes any more. */
export function endsConnection(error: unknown): boolean {
  const code = codeOf(error)
  if (code === null || !/^[0-9A-Z]{5}$/.test(code)) return true
  return (
    code.startsWith('08') ||
    code.startsWith('57P') ||
    code === '25006' ||
    code === '25P03' ||
    code === '25P04'
  )
}

export function violates(error: unknown, constraint: string): boolean {
  return codeOf(error) === '23505' && (error as { constraint?: string }).constraint === constraint
}
