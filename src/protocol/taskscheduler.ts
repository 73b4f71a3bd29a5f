// What travels between a server of taskscheduler, its clients and its agents. Its document and its programs had two names for
// some members: both are taken and both are given.

import Type from 'typebox'

export const TASK_TEXT_MAX = 65_536

const Text = Type.String({ maxLength: TASK_TEXT_MAX })
const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]))

export const NewTask = Type.Object({ command: Text, frequency: Text })
export type NewTask = Type.Static<typeof NewTask>

/** From the server to an agent. */
export const AgentTask = Type.Object({
  task_id: Type.String({ minLength: 1, maxLength: 200 }),
  command: Text,
  frequency: Text,
})
export type AgentTask = Type.Static<typeof AgentTask>

/** From an agent to the server. */
export const TaskReport = Type.Object({
  agent_id: OptionalText,
  server_id: OptionalText,
  stdout: OptionalText,
  stderr: OptionalText,
})
export type TaskReport = Type.Static<typeof TaskReport>

export const TASK_PATHS = {
  create: '/api/v1/tasks/create',
  output: '/api/v1/tasks/{task_id}/latest_output',
  complete: '/api/v1/tasks/{task_id}/complete',
  schedule: '/api/v1/tasks/schedule',
} as const

const UNITS = { seconds: 's', minutes: 'm', hours: 'h' } as const

/** "every 30 seconds" as a duration, "30s". null: it is none. One space each, many of a unit, more than none of it. */
export function frequencyDuration(text: string): string | null {
  const match = /^every ([1-9]\d{0,8}) (seconds|minutes|hours)$/.exec(text)
  return match === null ? null : `${match[1]}${UNITS[match[2] as keyof typeof UNITS]}`
}

export const FREQUENCY_HINT =
  'must be "every <integer> seconds", "minutes" or "hours", such as "every 30 seconds"'

/** No shell reads it: it is cut at every space. */
export function commandArgv(command: string): string[] {
  return command.trim().split(' ')
}
