// Errors of the network, name service, TLS and HTTP parser, said in a person's words under stable codes.

import type { Exchange } from './exchange.ts'

export type Failure = {
  readonly code: string
  readonly message: string
  /** Present and false: trying again cannot help. */
  readonly retryable?: false
}

export function describeFailure(exchange: Exchange, place: string): Failure {
  const error = rootOf(exchange.error)
  const { code } = error
  if (code === 'TARGET_FORBIDDEN')
    return { code: 'target_forbidden', message: error.message, retryable: false }
  if (code === 'RESPONSE_TOO_LARGE') {
    return { code: 'response_too_large', message: error.message, retryable: false }
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return {
      code: 'target_invalid',
      message: `the request cannot be sent: ${error.message}`,
      retryable: false,
    }
  }
  return exchange.started ? whileTalking(exchange, error) : whileConnecting(error, place)
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EHOSTDOWN: 'the host is down',
  ENETDOWN: 'the network is down',
}

const LOCAL_LIMITS: Readonly<Record<string, string>> = {
  EMFILE: 'this node has too many open connections',
  ENFILE: 'this machine has too many open files',
  EADDRNOTAVAIL: 'this machine has no free port left',
  ENOBUFS: 'this machine has no memory left for connections',
}

function whileConnecting(error: CodedError, place: string): Failure {
  const { code } = error
  const text = (reason: string) => `could not connect to ${place}: ${reason}`
  if (code === 'ECONNREFUSED') return { code: 'connect_refused', message: text('connection refused') }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return { code: 'connect_timeout', message: text('no connection in time') }
  }
  if (code === 'ENOTFOUND') return { code: 'dns', message: text('name not found') }
  if (code.startsWith('EAI_') || error.syscall === 'getaddrinfo') {
    return { code: 'dns', message: text('the name service did not answer') }
  }
  if (UNREACHABLE[code] !== undefined) return { code: 'unreachable', message: text(UNREACHABLE[code]) }
  if (LOCAL_LIMITS[code] !== undefined) return { code: 'connect_failed', message: text(LOCAL_LIMITS[code]) }
  const tls = tlsReason(error)
  if (tls !== null) return { code: 'tls', message: text(tls) }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET') {
    return { code: 'reset', message: text('the connection was closed while it was being opened') }
  }
  return { code: 'connect_failed', message: text(error.message) }
}

function whileTalking(exchange: Exchange, error: CodedError): Failure {
  const { code } = error
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    return { code: 'response_headers_too_large', message: 'the headers of the answer are too large' }
  }
  if (error.name === 'HTTPParserError' || /^bad (upgrade|response)/.test(error.message)) {
    return { code: 'bad_answer', message: 'the answer is not valid HTTP' }
  }
  const when = exchange.status === 0 ? 'before an answer' : 'in the middle of the answer'
  return { code: 'reset', message: `the connection was closed ${when}` }
}

const CERTIFICATE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain is self-signed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  HOSTNAME_MISMATCH: 'its certificate is for another name',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate could not be verified',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of its certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of its certificate is not known',
  CERT_UNTRUSTED: 'its certificate is not trusted',
}

function tlsReason({ code, message }: CodedError): string | null {
  const reason = CERTIFICATE[code]
  if (reason !== undefined) return `certificate problem: ${reason}`
  if (/cert/i.test(code)) return `certificate problem: ${code.toLowerCase().replaceAll('_', ' ')}`
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return /wrong version number|packet length/i.test(message)
      ? 'it does not speak TLS on this port'
      : 'the TLS handshake failed'
  }
  return /before secure TLS connection/.test(message)
    ? 'the connection was closed during the TLS handshake'
    : null
}

type CodedError = {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly syscall: string | null
}

/** Several addresses were tried: the first failure speaks for all. */
function rootOf(error: unknown): CodedError {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0])
  const { name, code, message, syscall } = (error ?? {}) as Record<string, unknown>
  return {
    name: typeof name === 'string' ? name : '',
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : 'unknown failure',
    syscall: typeof syscall === 'string' ? syscall : null,
  }
}
