// What the client library threw, as a person is told: what, where, what to do next, and the exit code.

import type { CarillonError } from '../sdk/index.ts'
import { CliError } from './cli-error.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { reasonOfSilence } from './reason-of-silence.ts'
import type { Session } from './session.ts'

const EXIT_BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  401: EXIT.auth,
  403: EXIT.auth,
  404: EXIT.notFound,
  405: EXIT.usage,
  409: EXIT.notFound,
  412: EXIT.notFound,
  413: EXIT.usage,
  415: EXIT.usage,
  422: EXIT.usage,
  428: EXIT.usage,
}

export function problemOfClient(error: CarillonError, session: Session): CliError {
  const { url } = session.settings
  if (error.code === 'unreachable') {
    return new CliError(EXIT.unreachable, ...reasonOfSilence(error, url))
  }
  if (error.code === 'timed_out') {
    return new CliError(EXIT.unreachable, `${url} did not answer in time.`, {
      hint: 'The server may be busy or hang; its log says more. See also: carillon -v …',
      cause: error,
    })
  }
  if (error.code === 'unexpected_answer') {
    return new CliError(EXIT.unreachable, error.detail, {
      hint: `Is ${url} the address of a Carillon server? Set it with --url or CARILLON_URL.`,
      cause: error,
    })
  }
  const complaints = error.problems.map(({ pointer, detail, suggestion }) => ({
    where: pointer,
    detail,
    suggestion,
  }))
  // A single complaint says all that the summary would say again.
  const what =
    complaints.length === 1 ? 'The server refused this:' : error.detail.replace(/ \(and \d+ more\)$/, '')
  return new CliError(EXIT_BY_STATUS[error.status] ?? EXIT.failure, what, {
    complaints,
    hint: hintOf(error, session),
    cause: error,
  })
}

function hintOf(error: CarillonError, session: Session): string | null {
  const { apiKeyOrigin, url } = session.settings
  if (error.code === 'unauthenticated') {
    return apiKeyOrigin === null
      ? 'No key was sent. Set CARILLON_API_KEY or --api-key, sign in by carillon login, or run this where the data directory of the server is.'
      : `The key from ${apiKeyOrigin} does not open ${url}.`
  }
  if (error.code === 'forbidden')
    return 'Use a key with the scope that is named, or ask an administrator for one.'
  if (error.code === 'version_conflict') return 'Somebody was faster. Read it again and repeat the change.'
  if (error.code === 'route_not_found')
    return 'This server does not know this command: it may be older. See: carillon version --server'
  if (error.status >= 500 && error.requestId !== null)
    return `The log of the server says more under ${error.requestId}.`
  return null
}
