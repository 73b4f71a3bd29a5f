// Scripts: uploaded once, named in jobs by their SHA-256.

import type { Script, ScriptPage } from '../protocol/script.ts'
import type { CallOptions } from './client-options.ts'
import { everyItem, type PageQuery } from './pages.ts'
import { queryString, segment } from './query.ts'
import type { Transport } from './transport.ts'

export type ScriptUpload = {
  readonly name?: string | undefined
  readonly interpreter?: string | undefined
  readonly sha256?: string | undefined
  readonly project?: string | undefined
}

export type OfProject = { readonly project?: string | undefined }

export class ScriptsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The same content again is the same script. */
  upload(content: Uint8Array, about: ScriptUpload = {}, options: CallOptions = {}): Promise<Script> {
    const path = `/v1/scripts${queryString(about)}`
    return this.#transport.call({ ...options, method: 'POST', path, bytes: content })
  }

  /** One page of scripts of one project, newest first. */
  list(query: PageQuery & OfProject = {}, options: CallOptions = {}): Promise<ScriptPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/scripts', query })
  }

  /** All scripts of one project, page after page. */
  all(query: PageQuery & OfProject = {}, options: CallOptions = {}): AsyncGenerator<Script, void, undefined> {
    return everyItem(query, (page) => this.list(page, options))
  }

  get(sha256: string, { project }: OfProject = {}, options: CallOptions = {}): Promise<Script> {
    const path = `/v1/scripts/${segment(sha256)}`
    return this.#transport.call({ ...options, method: 'GET', path, query: { project } })
  }

  /** The bytes, as they were uploaded. */
  async content(sha256: string, { project }: OfProject = {}): Promise<Uint8Array> {
    const path = `/v1/scripts/${segment(sha256)}/content${queryString({ project })}`
    return this.#transport.bytes(path)
  }

  /** Refused while a job, or a run that is not final, uses it. */
  delete(sha256: string, { project }: OfProject = {}, options: CallOptions = {}): Promise<void> {
    const path = `/v1/scripts/${segment(sha256)}${queryString({ project })}`
    return this.#transport.call({ ...options, method: 'DELETE', path })
  }
}
