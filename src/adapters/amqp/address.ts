// The address of a broker, as RabbitMQ writes it: amqp://user:password@host1:5672,host2/vhost?parameter=value. What is not
// known is refused, so that a misspelt parameter does not silently mean less.

import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

export type BrokerAddress = {
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly user: string
  readonly password: string
  readonly vhost: string
  readonly heartbeatSeconds: number
  /** null: not encrypted. */
  readonly tls: ConnectionOptions | null
}

const HEARTBEAT_DEFAULT_S = 10
const HEARTBEAT_MAX_S = 300
const PARAMETERS = ['heartbeat', 'cacertfile', 'certfile', 'keyfile', 'verify', 'server_name_indication']

/** `password` stands in for the one in the address. Throws an Error that never repeats a password. */
export function readBrokerAddress(text: string, password: string | null = null): BrokerAddress {
  const parts = /^(amqps?):\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^/?]*))?(?:\?(.*))?$/.exec(text)
  if (parts === null) throw wrong('write amqp://user:password@host:5672/vhost, or amqps://… for TLS')
  const [, scheme, who = '', where = '', path = '', query = ''] = parts
  // Of a password that holds one of these, the rest stands where hosts, vhost or parameters are; it is not shown.
  const parameters = new URLSearchParams(query)
  const others = [where, path, ...(who === '' ? [query] : parameters.keys())]
  if (others.some((part) => part.includes('@')))
    throw wrong('write an @ in the user, the password or the vhost as %40, a / as %2F and a ? as %3F')
  const colon = who.indexOf(':')
  for (const name of parameters.keys()) {
    if (!PARAMETERS.includes(name))
      throw wrong(`it has the parameter ${name}, which is not known (known: ${PARAMETERS.join(', ')})`)
  }
  const user = decode(colon < 0 ? who : who.slice(0, colon))
  return {
    hosts: where.split(',').map((host) => readHost(host, scheme === 'amqps' ? 5671 : 5672)),
    user: user === '' ? 'guest' : user,
    password: password ?? (colon < 0 ? (user === '' ? 'guest' : '') : decode(who.slice(colon + 1))),
    vhost: path === '' ? '/' : decode(path),
    heartbeatSeconds: readHeartbeat(parameters.get('heartbeat')),
    tls: scheme === 'amqps' ? readTls(parameters) : refuseTls(parameters),
  }
}

function readHost(text: string, portDefault: number): { host: string; port: number } {
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d+))?$/.exec(text)
  const port = Number(parts?.[2] ?? portDefault)
  if (parts === null || port < 1 || port > 65_535) throw wrong('one of its hosts is no host or host:port')
  return { host: decode(parts[1]!.replace(/^\[|\]$/g, '')), port }
}

function readHeartbeat(text: string | null): number {
  const seconds = Number(text ?? HEARTBEAT_DEFAULT_S)
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= HEARTBEAT_MAX_S) return seconds
  throw wrong(`heartbeat is a whole number of seconds from 1 to ${HEARTBEAT_MAX_S}`)
}

function readTls(parameters: URLSearchParams): ConnectionOptions {
  const file = (name: string) => {
    const path = parameters.get(name)
    return path === null ? {} : readPem(name, path)
  }
  const verify = parameters.get('verify') ?? 'verify_peer'
  if (verify !== 'verify_peer' && verify !== 'verify_none')
    throw wrong('verify may be verify_peer, which is the default, or verify_none')
  const name = parameters.get('server_name_indication')
  return {
    ...rename('ca', file('cacertfile')),
    ...rename('cert', file('certfile')),
    ...rename('key', file('keyfile')),
    ...(name === null ? {} : { servername: name }),
    rejectUnauthorized: verify === 'verify_peer',
  }
}

function refuseTls(parameters: URLSearchParams): null {
  const [name] = [...parameters.keys()].filter((name) => name !== 'heartbeat')
  if (name !== undefined) throw wrong(`it has ${name}, but amqp:// is not encrypted; write amqps://`)
  return null
}

function rename(name: 'ca' | 'cert' | 'key', { pem }: { pem?: string }): ConnectionOptions {
  return pem === undefined ? {} : { [name]: pem }
}

function readPem(name: string, path: string): { pem: string } {
  try {
    return { pem: readFileSync(path, 'utf8') }
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
