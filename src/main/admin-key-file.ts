// Where the key of the first start is kept, readable by its owner alone.

import { chmod, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export function adminKeyPath(dataDir: string): string {
  return join(dataDir, 'admin.key')
}

/** Durable before the server listens: a key that was shown must work after a crash. */
export async function writeAdminKey(dataDir: string, secret: string): Promise<void> {
  const path = adminKeyPath(dataDir)
  await using file = await open(path, 'w', 0o600)
  await chmod(path, 0o600)
  await file.writeFile(`${secret}\n`)
  await file.sync()
}

export async function readAdminKey(dataDir: string): Promise<string | null> {
  try {
    return (await readFile(adminKeyPath(dataDir), 'utf8')).trim() || null
  } catch {
    return null
  }
}
