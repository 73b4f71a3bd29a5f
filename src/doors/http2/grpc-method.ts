// One method of a service, from the bytes of its message to those of its answer. All there is here take one message and
// give one, so that the frames of a call are few and a listener needs no library for them.

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  fromJsonString,
  type MessageInitShape,
  type MessageShape,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf'
import type { Context } from '../../commands/context.ts'
import type { Action } from '../../domain/actions.ts'
import type { Principal } from '../../domain/api-key.ts'
import { GRPC, GrpcRefusal } from './grpc-status.ts'

export type Call<I extends DescMessage, O extends DescMessage> = (
  ctx: Context,
  who: Principal,
  sent: MessageShape<I>,
) => Promise<MessageInitShape<O>>

/** How the messages of a call are written. */
export type Written = 'proto' | 'json'

export type GrpcMethod = {
  /** As /dcron.Public/NewJob. */
  readonly path: string
  /** Asked for before the message is read. */
  readonly action: Action
  readonly answer: (ctx: Context, who: Principal, message: Uint8Array, as: Written) => Promise<Uint8Array>
}

export function grpcMethod<I extends DescMessage, O extends DescMessage>(
  { parent, name, input, output }: DescMethodUnary<I, O>,
  action: Action,
  call: Call<I, O>,
): GrpcMethod {
  return {
    path: `/${parent.typeName}/${name}`,
    action,
    answer: async (ctx, who, message, as) => {
      const answer = create(output, await call(ctx, who, read(input, message, as)))
      return as === 'proto' ? toBinary(output, answer) : Buffer.from(toJsonString(output, answer))
    },
  }
}

/** What cannot be read is its sender's mistake, no fault of ours. */
function read<I extends DescMessage>(schema: I, message: Uint8Array, as: Written): MessageShape<I> {
  try {
    if (as === 'proto') return fromBinary(schema, message)
    return fromJsonString(schema, Buffer.from(message).toString('utf8'), { ignoreUnknownFields: true })
  } catch (error) {
    const detail = `This is no ${schema.typeName} as ${as === 'proto' ? 'protobuf' : 'JSON'}: ${(error as Error).message}.`
    throw new GrpcRefusal(GRPC.invalid_argument, detail)
  }
}
