// What a user of Simple Scheduler has set. Its durations are milliseconds, as its document says.

import type { Given, Notice } from '../given.ts'
import type { ReplacedEnvironment } from './replaced-environment.ts'

const PREFIX = 'SIMPLE_SCHEDULER_'

export const simpleSchedulerEnvironment: ReplacedEnvironment = (read) => {
  const given: Given[] = []
  const problems: Notice[] = []
  const take = (name: string, key: Given['key'], convert = (text: string) => text): void => {
    const origin = `${PREFIX}${name}`
    const text = read(origin)
    if (text !== undefined) given.push({ key, text: convert(text.trim()), origin })
  }
  const type = read(`${PREFIX}MESSAGEBUS_TYPE`)
  if (type !== undefined && type.trim() !== 'rabbitmq') {
    problems.push({ origin: `${PREFIX}MESSAGEBUS_TYPE`, detail: 'may be rabbitmq, the bus it knew' })
  }
  take('MESSAGEBUS_CONNECTION_STRING', 'bus')
  take('MAX_JOBS', 'busJobsMax')
  // A port alone was that of all addresses there; here the others are to be named.
  take('API_URL', 'doorSimpleSchedulerListen', (text) => (/^:\d+$/.test(text) ? `127.0.0.1${text}` : text))
  take('OIDC_ISSUER', 'oidc', trusted)
  take('CACHE_REFRESH_INTERVAL', 'busRefreshMs', milliseconds)
  take('CLEANUP_INTERVAL', 'busCleanupMs', milliseconds)
  // A server here is its own custodian: how often it says that it is there, and after which silence others believe it gone.
  take('HEARTBEAT_INTERVAL', 'nodeHeartbeatMs', milliseconds)
  take('HEARTBEAT_TIMEOUT', 'nodeLeaseMs', milliseconds)
  return { given, problems }
}

function milliseconds(text: string): string {
  return `${text}ms`
}

/**
 * Its tokens are worth what their scopes say, in its own project. There a token for anybody else opened it too; here it is meant for
 * that system, or for its command line.
 */
function trusted(issuer: string): string {
  const audience = ['simple-scheduler', 'simple-scheduler-cli']
  const grants = [{ scopesFrom: 'scope', projects: ['simple-scheduler'] }]
  return JSON.stringify([{ issuer, audience, algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'], grants }])
}
