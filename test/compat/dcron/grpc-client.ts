// A stock client of gRPC with the interface of dcron, as anybody would make one.

import { fileURLToPath } from 'node:url'
import { type Client, credentials, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

export const PROTO = fileURLToPath(new URL('../../../proto/dcron.proto', import.meta.url))

const options = { keepCase: true, longs: Number, enums: String, defaults: true }

export type Called =
  | { readonly ok: true; readonly reply: Record<string, unknown> }
  | { readonly ok: false; readonly code: number; readonly details: string }

type Unary = (
  sent: object,
  metadata: Metadata,
  options: object,
  done: (error: ServiceError | null, reply: Record<string, unknown>) => void,
) => void
type Service = new (address: string, channel: ReturnType<typeof credentials.createInsecure>) => Client

export class DcronClient implements Disposable {
  readonly #public: Client
  readonly #internal: Client
  readonly #key: string | null

  constructor(address: string, key: string | null) {
    const { dcron } = loadPackageDefinition(loadSync(PROTO, options)) as unknown as {
      dcron: { Public: Service; Internal: Service }
    }
    this.#public = new dcron.Public(address, credentials.createInsecure())
    this.#internal = new dcron.Internal(address, credentials.createInsecure())
    this.#key = key
  }

  call(method: string, sent: object, more: Readonly<Record<string, string>> = {}): Promise<Called> {
    const client = method === 'ExecuteJob' ? this.#internal : this.#public
    const metadata = new Metadata()
    if (this.#key !== null) metadata.set('authorization', `Bearer ${this.#key}`)
    for (const [name, value] of Object.entries(more)) metadata.set(name, value)
    const unary = (client as unknown as Record<string, Unary>)[method]!.bind(client)
    return new Promise((resolve) => {
      unary(sent, metadata, { deadline: Date.now() + 20_000 }, (error, reply) => {
        if (error === null) resolve({ ok: true, reply })
        else resolve({ ok: false, code: error.code, details: error.details })
      })
    })
  }

  [Symbol.dispose](): void {
    this.#public.close()
    this.#internal.close()
  }
}
