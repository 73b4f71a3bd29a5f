// The files below a folder in the order of their keys. A folder sorts as its name with a slash, so that the order is that
// of whole keys, as an S3 service lists them.

import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Keys that begin with `prefix` and come after `after`. Folders that can hold none are not opened. */
export function* walkKeys(root: string, prefix: string, after: string, base = ''): Generator<string> {
  for (const entry of sorted(join(root, base))) {
    const key = base + entry.name
    if (entry.isDirectory()) {
      const folder = `${key}/`
      const mayMatch = folder.startsWith(prefix) || prefix.startsWith(folder)
      const mayFollow = after < folder || after.startsWith(folder)
      if (mayMatch && mayFollow) yield* walkKeys(root, prefix, after, folder)
    } else if (key.startsWith(prefix) && key > after) yield key
  }
}

function sorted(path: string): Dirent[] {
  return entriesOf(path)
    .filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || entry.isDirectory()))
    .map((entry) => ({ entry, order: entry.isDirectory() ? `${entry.name}/` : entry.name }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ entry }) => entry)
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
