// The files of the repository: tracked ones, and new ones that are not ignored. Text only.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TreeFile } from './violation.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const NEVER = new Set(['.git', 'node_modules', 'dist', 'data', '.carillon', 'coverage'])
const SIZE_MAX = 4 * 1024 * 1024

export function readTree(): TreeFile[] {
  return paths()
    .sort()
    .flatMap((path) => read(path))
}

/** Without git (an unpacked archive) everything there is, less what is made. */
function paths(): string[] {
  if (!existsSync(join(ROOT, '.git'))) return walk('')
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return [...new Set(list.split('\0'))].filter((path) => path !== '')
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NEVER.has(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? walk(path) : [path]
  })
}

/** Nothing for what is deleted but still tracked, for folders, and for what is not text. */
function read(path: string): TreeFile[] {
  try {
    const full = join(ROOT, path)
    const stat = statSync(full)
    if (!stat.isFile() || stat.size > SIZE_MAX) return []
    const text = readFileSync(full, 'utf8')
    return text.includes('\0') ? [] : [{ path, text }]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
