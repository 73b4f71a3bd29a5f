// A run as a command to paste: what was sent, without its secrets; and how to look at it in a terminal.

import type { Job, Run } from '../../../../src/sdk/index.ts'
import { isSecretName } from '../job/masked.ts'

export function curlCommand({ target }: Job, run: Run): string {
  if (!('http' in target)) return cliCommand(run)
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

export function cliCommand({ id }: Run): string {
  return `npx carillon run get ${id}`
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
