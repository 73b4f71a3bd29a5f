// Where the key of the first start is kept, readable by its owner alone.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivateFile } from './private-file.ts'

export function adminKeyPath(dataDir: string): string {
  return join(dataDir, 'admin.key')
}

/** Durable before the server listens: a key that was shown must work after a crash. */
export async function writeAdminKey(dataDir: string, secret: string): Promise<void> {
  await writePrivateFile(adminKeyPath(dataDir), `${secret}\n`)
}

export async function readAdminKey(dataDir: string): Promise<string | null> {
  try {
    return (await readFile(adminKeyPath(dataDir), 'utf8')).trim() || null
  } catch {
    return null
  }
}
