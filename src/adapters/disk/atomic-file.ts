// A file that appears whole or not at all, and outlives a power cut: written aside, forced to the disk, moved into place,
// and the folder that names it forced too.

import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Another may have removed the folder while it was empty. */
const TRIES = 5

type FileBytes = AsyncIterable<Uint8Array> | readonly Uint8Array[] | Uint8Array

export async function writeAside(aside: string, content: FileBytes): Promise<number> {
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

async function writeAll(file: FileHandle, content: FileBytes): Promise<number> {
  if (content instanceof Uint8Array) return writePieces(file, [content])
  if (isPieces(content)) return writePieces(file, content)
  let bytes = 0
  for await (const part of content) bytes += await writePieces(file, [part])
  return bytes
}

/** In one call where the system takes them so; it may take less. */
async function writePieces(file: FileHandle, pieces: readonly Uint8Array[]): Promise<number> {
  let left = pieces.filter(({ length }) => length > 0)
  let bytes = 0
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left)
    bytes += bytesWritten
    left = after(left, bytesWritten)
  }
  return bytes
}

function after(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(skip, piece.length))
    skip -= piece.length - rest.length
    return rest.length > 0 ? [rest] : []
  })
}

/** Array.isArray knows nothing of readonly. */
export function isPieces(content: FileBytes): content is readonly Uint8Array[] {
  return Array.isArray(content)
}

export async function moveIntoPlace(aside: string, path: string): Promise<void> {
  const folder = dirname(path)
  for (let tries = 1; ; tries += 1) {
    try {
      await rename(aside, path)
      await syncFolder(folder)
      // Another may have made the folder just now, and its name may not be on the disk yet.
      await making.get(folder)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error
      await makeFolder(folder)
    }
  }
}

/** Folders that are being made, until their names are on the disk. */
const making = new Map<string, Promise<void>>()

function makeFolder(path: string): Promise<void> {
  let made = making.get(path)
  if (made === undefined) {
    made = makeDurably(path).finally(() => making.delete(path))
    making.set(path, made)
  }
  return made
}

/** Each new folder is a name in the one above it. */
async function makeDurably(path: string): Promise<void> {
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
