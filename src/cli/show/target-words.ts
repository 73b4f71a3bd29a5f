// What a job does, in one line.

import type { Target } from '../../sdk/index.ts'

type Http = NonNullable<Target['http']>

export function targetWords({ http, command, script, message }: Target): string {
  if (http !== undefined) return `${methodOf(http)} ${http.url}`
  if (command !== undefined) return command.shell ?? command.argv?.map(quoted).join(' ') ?? ''
  if (message !== undefined) return messageWords(message)
  if (script === undefined) return ''
  return [script.interpreter, `${script.sha256.slice(0, 12)}…`, ...(script.args ?? []).map(quoted)].join(' ')
}

/** What the line above does not say. */
export function targetRest({ http, command, script, message }: Target): object {
  if (http !== undefined) {
    const { url: _url, method: _method, ...rest } = http
    return rest
  }
  if (command !== undefined) {
    const { argv: _argv, shell: _shell, ...rest } = command
    return rest
  }
  if (message !== undefined) {
    const { exchange: _exchange, queue: _queue, routingKey: _key, ...rest } = message
    return rest
  }
  const { interpreter: _interpreter, args: _args, ...rest } = script ?? { interpreter: '' }
  return rest
}

function methodOf({ method, body, batch }: Http): string {
  return method ?? (body === undefined && batch === undefined ? 'GET' : 'POST')
}

function messageWords({ exchange, queue, routingKey, protocol }: NonNullable<Target['message']>): string {
  if (protocol !== undefined) return `message to workers of ${protocol}`
  if (queue !== undefined) return `message to queue ${queue}`
  return `message to exchange ${exchange}${routingKey === undefined ? '' : ` (${routingKey})`}`
}

/** As a person would type it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
