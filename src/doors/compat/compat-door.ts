// What a door of a replaced system is made of: its addresses as that system has them, and how it says no. It knows its
// system's words; everything it wants done is a command.

import type { FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Context } from '../../commands/context.ts'
import type { Action } from '../../domain/actions.ts'
import type { Principal } from '../../domain/api-key.ts'
import type { ProblemDocument } from '../../protocol/problem.ts'
import type { Answer } from '../http/endpoint.ts'
import type { GrpcMethod } from '../http2/grpc-method.ts'

export type CompatAsk<Body = unknown> = {
  readonly ctx: Context
  readonly who: Principal
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Body
  readonly request: FastifyRequest
  /** What stands before the system's own addresses: "" on a listener of its own. */
  readonly prefix: string
}

export type CompatRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As the system has it, parameters in braces: /schedule/{id}. */
  readonly path: string
  readonly action: Action
  /** Absent: a body is not looked at. Its members beyond the schema are passed over, as they were there. */
  readonly body?: TSchema
  /** Carries many things: the larger limits hold. */
  readonly batch?: true
  readonly handle: (ask: CompatAsk<never>) => Promise<Answer> | Answer
}

export type CompatDoor = {
  readonly system: string
  readonly routes: readonly CompatRoute[]
  /** How its clients show who they are, where it is not a key as everywhere else here. */
  readonly credentials?: {
    /** The secret among a request's headers, names and values in turn; null: none. Throws when it cannot be taken. */
    readonly shown: (rawHeaders: readonly string[]) => string | null
    /** Does what else was shown belong to the key with this id? */
    readonly belongs: (rawHeaders: readonly string[], keyId: string) => boolean
  }
  /** Its clients speak gRPC: a listener of its own speaks that. Its routes are the same calls as JSON. */
  readonly grpc?: readonly GrpcMethod[]
  /** A refusal in the system's own form; `document` has code, status, and a text for people. */
  readonly refuse: (
    document: ProblemDocument,
    request: { readonly path: string; readonly action?: Action },
  ) => Answer
}
