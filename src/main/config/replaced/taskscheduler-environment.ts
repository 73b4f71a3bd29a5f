// AVAILABLE_SERVERS: what a user of taskscheduler has set. Its other names (PORT, DATABASE_DSN, REDIS_ADDRESS) are those of
// many programs, so nothing is read from them.

import type { ReplacedEnvironment } from './replaced-environment.ts'

export const taskschedulerEnvironment: ReplacedEnvironment = (read) => {
  const origin = 'AVAILABLE_SERVERS'
  const text = read(origin)
  return {
    given: text === undefined ? [] : [{ key: 'doorTaskschedulerAgents', text, origin }],
    problems: [],
  }
}
