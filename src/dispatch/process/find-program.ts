// Where a program is, looked up as execvp(3) does, so that a missing one is told before anything starts.

import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

export type FoundProgram = { readonly path: string } | { readonly missing: string }

export function findProgram(name: string, cwd: string, searchPath: string): FoundProgram {
  if (name.includes('/')) {
    const path = isAbsolute(name) ? name : join(cwd, name)
    const wrong = whyNot(path)
    return wrong === null ? { path } : { missing: `${name} ${wrong}` }
  }
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '')
  const path = folders.map((folder) => join(folder, name)).find((path) => whyNot(path) === null)
  if (path !== undefined) return { path }
  return {
    missing: `there is no program "${name}" in ${folders.length === 0 ? 'an empty PATH' : searchPath}`,
  }
}

function whyNot(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return 'is no file'
  } catch {
    return 'is not there'
  }
  try {
    accessSync(path, constants.X_OK)
    return null
  } catch {
    return 'is not executable'
  }
}
