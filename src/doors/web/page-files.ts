// The built page, read once into memory: small, and what is in memory cannot be swapped or walked out of.

import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type PageFile = {
  readonly type: string
  /** By Content-Encoding; `identity` is always there. */
  readonly bytes: Readonly<Record<string, Buffer>>
}

export type PageFiles = ReadonlyMap<string, PageFile>

export const ENCODINGS = { br: '.br', gzip: '.gz' } as const

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

/** In a package it lies beside the compiled doors, in a clone in dist/. */
export function pageFolder(): string {
  const packed = new URL('../../page/', import.meta.url)
  const inClone = new URL('../../../dist/page/', import.meta.url)
  return fileURLToPath(existsSync(packed) ? packed : inClone)
}

/** By path: `index.html`, `assets/…`. Empty where the page has not been built. */
export async function readPageFiles(folder: string = pageFolder()): Promise<PageFiles> {
  const files = new Map<string, PageFile>()
  if (!existsSync(join(folder, 'index.html'))) return files
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'))
  for (const name of names) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const bytes: Record<string, Buffer> = { identity: await readFile(join(folder, name)) }
    for (const [encoding, ending] of Object.entries(ENCODINGS)) {
      if (names.includes(name + ending)) bytes[encoding] = await readFile(join(folder, name + ending))
    }
    files.set(name, { type, bytes })
  }
  return files
}
