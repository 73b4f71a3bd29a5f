// Opens the connections of outgoing calls. The address is decided here and nowhere else: a literal is checked
// before, a name is resolved once with every answer checked, and whoever answered is checked again.
// No proxy of the environment is ever asked.

import type { Socket } from 'node:net'
import { buildConnector } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import { TargetForbidden } from './failures.ts'

/** Longest wait for a connection (name, TCP and TLS together), even when the deadline is far. */
export const CONNECT_TIMEOUT_MS = 10_000

export type Connect = buildConnector.connector
export type TlsOptions = { readonly ca?: string | readonly string[]; readonly rejectUnauthorized?: boolean }

/** `opened` hears of the socket while it is still connecting, so that a call given up can close it. */
export type ConnectFor = (opened: (socket: Socket) => void) => Connect

export function createConnector(guard: AddressGuard, tls: TlsOptions = {}): ConnectFor {
  const open = buildConnector({
    ...(tls as object),
    lookup: guard.lookup,
    timeout: CONNECT_TIMEOUT_MS,
    allowH2: false,
    // All answers of a name are tried, IPv6 and IPv4, the way browsers do.
    autoSelectFamily: true,
  } as buildConnector.BuildOptions) as (...args: Parameters<Connect>) => Socket

  return (opened) => (options, callback) => {
    if (guard.judgeHost(options.hostname) === 'forbidden') {
      callback(new TargetForbidden(), null)
      return
    }
    const socket = open(options, (error, connected) => {
      if (error !== null || connected === null) {
        callback(error ?? new Error('no socket'), null)
        return
      }
      if (!guard.admitsPeer(options.hostname, connected.remoteAddress)) {
        connected.on('error', ignore)
        connected.destroy()
        callback(new TargetForbidden(), null)
        return
      }
      callback(null, connected)
    })
    opened(socket)
  }
}

function ignore(): void {}
