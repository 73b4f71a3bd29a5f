// An S3 server as a process of its own, with one bucket, on files of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Folder } from './folder.ts'

const PROGRAM = fileURLToPath(new URL('../../node_modules/s3rver/bin/s3rver.js', import.meta.url))
export const S3_CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }

export class S3Process implements AsyncDisposable {
  readonly endpoint: string
  readonly #folder: Folder
  readonly #child: ChildProcess

  private constructor(endpoint: string, folder: Folder, child: ChildProcess) {
    this.endpoint = endpoint
    this.#folder = folder
    this.#child = child
  }

  static async start(bucket: string): Promise<S3Process> {
    const folder = new Folder()
    const args = [
      '--directory',
      folder.path,
      '--address',
      '127.0.0.1',
      '--port',
      '0',
      '--configure-bucket',
      bucket,
    ]
    const child = spawn(process.execPath, ['--no-deprecation', PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const endpoint = await new Promise<string>((resolve, reject) => {
      const look = (chunk: Buffer): void => {
        said += chunk
        const port = /listening on [^\s]*?:(\d+)/i.exec(said)?.[1]
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
      }
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      child.once('exit', () => reject(new Error(`the S3 server ended: ${said}`)))
    })
    return new S3Process(endpoint, folder, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
    this.#folder[Symbol.dispose]()
  }
}
