// The environment of a replaced system, read as options of ours: whoever moves over keeps the variables that are set.
// They count less than anything said to Carillon itself. Names that mean nothing here are passed over, as they were there.

import { variable } from '../from-environment.ts'
import type { Environment, Gathered } from '../given.ts'
import type { ReplacedEnvironment } from './replaced-environment.ts'
import { scheduleRsEnvironment } from './schedule-rs-environment.ts'
import { scheduler0Environment } from './scheduler0-settings.ts'
import { simpleSchedulerEnvironment } from './simple-scheduler-environment.ts'
import { taskschedulerEnvironment } from './taskscheduler-environment.ts'

const SYSTEMS: readonly ReplacedEnvironment[] = [
  scheduleRsEnvironment,
  scheduler0Environment,
  simpleSchedulerEnvironment,
  taskschedulerEnvironment,
]

export function fromReplacedEnvironments(env: Environment): Gathered[] {
  return SYSTEMS.map((system) => ({ warnings: [], ...system((name) => variable(env, name)) }))
}
