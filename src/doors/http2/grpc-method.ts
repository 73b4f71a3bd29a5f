// One method of a service, from the bytes of its message to those of its answer. All there is here take one message and
// give one, so that the frames of a call are few and a listener needs no library for them.

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import type { Context } from '../../commands/context.ts'
import type { Action } from '../../domain/actions.ts'
import type { Principal } from '../../domain/api-key.ts'
import { HttpProblem } from '../http/http-problem.ts'

export type Call<I extends DescMessage, O extends DescMessage> = (
  ctx: Context,
  who: Principal,
  sent: MessageShape<I>,
) => Promise<MessageInitShape<O>>

export type GrpcMethod = {
  /** As /dcron.Public/NewJob. */
  readonly path: string
  /** Asked for before the message is read. */
  readonly action: Action
  readonly answer: (ctx: Context, who: Principal, message: Uint8Array) => Promise<Uint8Array>
}

export function grpcMethod<I extends DescMessage, O extends DescMessage>(
  { parent, name, input, output }: DescMethodUnary<I, O>,
  action: Action,
  call: Call<I, O>,
): GrpcMethod {
  return {
    path: `/${parent.typeName}/${name}`,
    action,
    answer: async (ctx, who, message) =>
      toBinary(output, create(output, await call(ctx, who, read(input, message)))),
  }
}

/** What cannot be read is its sender's mistake, no fault of ours. */
function read<I extends DescMessage>(schema: I, message: Uint8Array): MessageShape<I> {
  try {
    return fromBinary(schema, message)
  } catch (error) {
    throw new HttpProblem(
      'malformed_request',
      `This is no ${schema.typeName} as protobuf writes it: ${(error as Error).message}.`,
    )
  }
}
