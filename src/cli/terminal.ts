// What a command line stands between: the environment, standard input, output and error.

import type { Readable, Writable } from 'node:stream'
import { type Environment, processEnvironment, type ReadFile, readDiskFile } from '../main/config/process.ts'

export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }
export type Input = Readable & { readonly isTTY?: boolean }

export type Terminal = {
  readonly env: Environment
  readonly stdin: Input
  /** Data. */
  readonly stdout: Output
  /** Talk. */
  readonly stderr: Output
  readonly readFile: ReadFile
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process
  return { env: processEnvironment(), stdin, stdout, stderr, readFile: readDiskFile }
}

/** Colours: asked for, forbidden (https://no-color.org), or as the other end is a person or a program. */
export function hasColours(output: Output, env: Environment, wanted: boolean | undefined): boolean {
  if (wanted === false || env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0'
  return output.isTTY === true && env.TERM !== 'dumb'
}
