// One endpoint as data: where it is, who may come, what it takes and gives, and the function that answers.
// The router, the checks and the OpenAPI document are all made from it, so that none of them can say otherwise.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { Context } from '../../commands/context.ts'
import type { Action } from '../../domain/actions.ts'
import type { Principal } from '../../domain/api-key.ts'
import type { ProblemCode } from '../../protocol/problem.ts'
import type { OnceMark } from './idempotency.ts'
import type { ParameterTable, QueryOf } from './query.ts'

export type Ask<Body, Query> = {
  readonly ctx: Context
  /** Behind an open endpoint without a key: NOBODY, who may do nothing. */
  readonly who: Principal
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  readonly once: OnceMark | undefined
  readonly ifVersion: number | null
  /** Path and query as they were sent. */
  readonly url: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export type Answer = {
  readonly status: number
  /** Sent as JSON; text and bytes go out as they stand, under `contentType`. */
  readonly body?: unknown
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The handler has taken the connection over and answers itself. */
export const ANSWERED = { status: 0 } as const satisfies Answer

export type ReplyDescription = {
  readonly description: string
  readonly schema?: TSchema
  readonly contentType?: string
  /** Headers beyond those that every reply has: name → what it says. */
  readonly headers?: Readonly<Record<string, string>>
}

export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With parameters in braces: /v1/jobs/{job}. */
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** What is asked for; domain/actions.ts says who may. */
  readonly action: Action
  readonly query?: ParameterTable
  /** Others make the address: its query is what it is, and the handler reads it. */
  readonly anyQuery?: true
  readonly body?: BodyDescription
  /** Takes an Idempotency-Key. */
  readonly repeatable?: true
  /** Takes If-Match. */
  readonly conditional?: true
  readonly replies: Readonly<Record<number, ReplyDescription>>
  /** Beyond those that every endpoint may answer. */
  readonly problems?: readonly ProblemCode[]
  /** Not part of the contract: the pages that show it. */
  readonly hidden?: true
  readonly handle: (ask: Ask<never, never>) => Promise<Answer> | Answer
}

export type BodyDescription = {
  readonly schema: TSchema
  readonly optional?: true
  /** Takes application/merge-patch+json too. */
  readonly mergePatch?: true
  /** Carries many things: the larger limits hold. */
  readonly batch?: true
  /** Bytes as they are, application/octet-stream, up to so many. The handler gets a Uint8Array. */
  readonly binary?: { readonly bytesMax: number }
  /** The handler checks the body itself. */
  readonly unchecked?: true
}

type Spec<B extends TSchema, Q extends ParameterTable> = Omit<Endpoint, 'query' | 'body' | 'handle'> & {
  readonly query?: Q
  readonly body?: BodyDescription & { readonly schema: B }
  readonly handle: (ask: Ask<Static<B>, QueryOf<Q>>) => Promise<Answer> | Answer
}

/** Gives the handler the types of what the endpoint takes. */
export function endpoint<B extends TSchema = TSchema, Q extends ParameterTable = Record<never, never>>(
  spec: Spec<B, Q>,
): Endpoint {
  return spec as unknown as Endpoint
}

export const NOBODY: Principal = { id: 'nobody', name: 'nobody', scopes: [], projectIds: [] }
