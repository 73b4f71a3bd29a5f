// A run as a command to paste: what was sent, without its secrets; and how to do it again, or follow it, in a terminal.

import { isFinalStatus, type Job, type Run } from '../../../../src/sdk/index.ts'
import { isSecretName } from '../job/masked.ts'

export function curlCommand({ target }: Pick<Job, 'target'>, run: Run): string {
  if (target.http === undefined) return cliCommand(run)
  const { url, method, headers, body: ownBody } = target.http
  const body = run.params ?? ownBody
  const words = ['curl', '-i', '-X', method ?? (body === undefined ? 'GET' : 'POST'), quoted(url)]
  for (const [name, value] of Object.entries(headers ?? {}))
    words.push('-H', quoted(`${name}: ${isSecretName(name) ? '<secret>' : value}`))
  const named = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-type')
  if (body !== undefined && typeof body !== 'string' && !named)
    words.push('-H', quoted('Content-Type: application/json'))
  words.push('-H', quoted(`Idempotency-Key: ${run.id}`), '-H', quoted(`Carillon-Due-At: ${run.dueAt}`))
  if (body !== undefined)
    words.push('--data-raw', quoted(typeof body === 'string' ? body : JSON.stringify(body)))
  return words.join(' ')
}

/** The same work once more, where it has ended; else what it is doing. */
export function cliCommand({ id, status }: Run): string {
  return `npx carillon run ${isFinalStatus(status) ? 'retry' : 'watch'} ${id}`
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
