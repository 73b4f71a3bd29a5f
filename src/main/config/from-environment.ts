// Options given in the environment. A CARILLON_ variable that means nothing is refused: it was meant to mean something.

import { nearestWord } from '../../doors/http/nearest-word.ts'
import { CLIENT_VARIABLES } from './client-settings.ts'
import type { Config } from './config.ts'
import type { Environment, Gathered, Notice, ReadFile } from './given.ts'
import { envName, OPTION_KEYS, OPTIONS } from './options.ts'
import { fromSecretFile } from './secret-file.ts'

export const CONFIG_FILE_VARIABLE = 'CARILLON_CONFIG'
export const ENV_FILE_VARIABLE = 'CARILLON_ENV_FILE'
export const DEBUG_VARIABLE = 'CARILLON_DEBUG'

/** Kubernetes sets these in every container beside a Service named "carillon". */
const SERVICE_LINK = /^CARILLON_(?:SERVICE_|PORT$|PORT_\d+_)/

export function fromEnvironment(env: Environment, readFile: ReadFile): Gathered[] {
  const gathered = OPTION_KEYS.map((key) => readOption(key, env, readFile))
  return [...gathered, { given: [], warnings: [], problems: unknownVariables(env) }]
}

function readOption(key: keyof Config, env: Environment, readFile: ReadFile): Gathered {
  const option = OPTIONS[key]
  const name = envName(option.name)
  const text = variable(env, name)
  const file = option.secret ? variable(env, `${name}_FILE`) : undefined
  if (text !== undefined && file !== undefined) {
    return refuse(name, `is set and so is ${name}_FILE. Set one of them.`)
  }
  if (file !== undefined) return fromSecretFile(key, file, `${name}_FILE`, readFile)
  if (text === undefined) return { given: [], problems: [], warnings: [] }
  return { given: [{ key, text, origin: name }], problems: [], warnings: [] }
}

function refuse(origin: string, detail: string): Gathered {
  return { given: [], warnings: [], problems: [{ origin, detail }] }
}

/** A variable set to nothing is not set: that is how compose files pass on what is absent. */
export function variable(env: Environment, name: string): string | undefined {
  return env[name] === '' ? undefined : env[name]
}

function unknownVariables(env: Environment): Notice[] {
  const known = knownVariables()
  return Object.keys(env)
    .filter((name) => name.startsWith('CARILLON_') && !known.includes(name) && !SERVICE_LINK.test(name))
    .sort()
    .map((name) => {
      const meant = nearestWord(name, known)
      const notice = { origin: name, detail: 'is not a variable that Carillon knows' }
      return meant === null ? notice : { ...notice, suggestion: meant }
    })
}

export function knownVariables(): string[] {
  const options = OPTION_KEYS.flatMap((key) => {
    const name = envName(OPTIONS[key].name)
    return OPTIONS[key].secret ? [name, `${name}_FILE`] : [name]
  })
  return [...options, CONFIG_FILE_VARIABLE, ENV_FILE_VARIABLE, DEBUG_VARIABLE, ...CLIENT_VARIABLES]
}
