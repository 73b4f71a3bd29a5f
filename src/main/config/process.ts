// The one place that looks at the process: its environment, and files as the configuration wants them read.

import { readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Environment, ReadFile } from './given.ts'

export type { Environment, ReadFile } from './given.ts'

export function processEnvironment(): Environment {
  return process.env
}

export function machineName(): string {
  return hostname()
}

export const readDiskFile: ReadFile = (path) => {
  try {
    return { text: readFileSync(path, 'utf8'), mode: statSync(path).mode }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
