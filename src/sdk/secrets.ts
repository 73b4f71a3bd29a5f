// Secrets: written, named in jobs as {{secret.name}}, never read again.

import type { Resealed, Secret, SecretPage } from '../protocol/secret.ts'
import type { CallOptions } from './client-options.ts'
import { everyItem, type PageQuery } from './pages.ts'
import { queryString, segment } from './query.ts'
import type { OfProject } from './scripts.ts'
import type { Transport } from './transport.ts'

export class SecretsGroup {
  readonly #transport: Transport

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Gives it a value, whether it was there or not. */
  set(name: string, value: string, { project }: OfProject = {}, options: CallOptions = {}): Promise<Secret> {
    const path = `/v1/secrets/${segment(name)}${queryString({ project })}`
    return this.#transport.call({ ...options, method: 'PUT', path, body: { value } })
  }

  /** One page of secrets of one project, by name, without their values. */
  list(query: PageQuery & OfProject = {}, options: CallOptions = {}): Promise<SecretPage> {
    return this.#transport.call({ ...options, method: 'GET', path: '/v1/secrets', query })
  }

  /** All secrets of one project, page after page. */
  all(query: PageQuery & OfProject = {}, options: CallOptions = {}): AsyncGenerator<Secret, void, undefined> {
    return everyItem(query, (page) => this.list(page, options))
  }

  get(name: string, { project }: OfProject = {}, options: CallOptions = {}): Promise<Secret> {
    const path = `/v1/secrets/${segment(name)}`
    return this.#transport.call({ ...options, method: 'GET', path, query: { project } })
  }

  /** Refused while a job, or a run that is not final, uses it. */
  delete(name: string, { project }: OfProject = {}, options: CallOptions = {}): Promise<void> {
    const path = `/v1/secrets/${segment(name)}${queryString({ project })}`
    return this.#transport.call({ ...options, method: 'DELETE', path })
  }

  /** Seals all of them with the newest key; `renew` makes one first. */
  reseal({ renew = false }: { renew?: boolean } = {}, options: CallOptions = {}): Promise<Resealed> {
    return this.#transport.call({ ...options, method: 'POST', path: '/v1/secrets/reseal', body: { renew } })
  }
}
