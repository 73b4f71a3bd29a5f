// A file for its owner's eyes only. It is whole and on disk before it takes the place of what was there, and nobody else can
// read it at any moment: not even where a file of that name stood open to all.

import { rm } from 'node:fs/promises'
import { moveIntoPlace, writeAside } from '../adapters/disk/atomic-file.ts'

export async function writePrivateFile(path: string, text: string): Promise<void> {
  // Of this process alone: two that write at once leave what one of them wrote, whole.
  const aside = `${path}.${process.pid}.new`
  await rm(aside, { force: true })
  await writeAside(aside, Buffer.from(text))
  await moveIntoPlace(aside, path)
}
