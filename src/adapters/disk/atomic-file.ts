// A file that appears whole or not at all, and outlives a power cut: written aside, forced to the disk, moved into place,
// and the folder that names it forced too.

import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Another may have removed the folder while it was empty. */
const TRIES = 5

export async function writeAside(
  aside: string,
  content: AsyncIterable<Uint8Array> | Uint8Array,
): Promise<number> {
  let file: FileHandle | null = null
  try {
    file = await open(aside, 'wx', 0o600)
    const bytes = await writeAll(file, content)
    await file.sync()
    return bytes
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  } finally {
    await file?.close()
  }
}

async function writeAll(file: FileHandle, content: AsyncIterable<Uint8Array> | Uint8Array): Promise<number> {
  if (content instanceof Uint8Array) {
    await file.writeFile(content)
    return content.length
  }
  let bytes = 0
  for await (const part of content) {
    await file.writeFile(part)
    bytes += part.length
  }
  return bytes
}

export async function moveIntoPlace(aside: string, path: string): Promise<void> {
  const folder = dirname(path)
  for (let tries = 1; ; tries += 1) {
    await makeFolder(folder)
    try {
      await rename(aside, path)
      await syncFolder(folder)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error
    }
  }
}

/** Each new folder is a name in the one above it. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Windows keeps names by itself and opens no folders. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
