// A file for its owner's eyes only. It is whole and on disk before it takes the place of what was there, and nobody else can
// read it at any moment: not even where a file of that name stood open to all.

import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export async function writePrivateFile(path: string, text: string): Promise<void> {
  const aside = `${path}.new`
  await rm(aside, { force: true })
  {
    await using file = await open(aside, 'wx', 0o600)
    await file.chmod(0o600)
    await file.writeFile(text)
    await file.sync()
  }
  await rename(aside, path)
  await using folder = await open(dirname(path), 'r')
  await folder.sync()
}
