// The methods of dcron. By gRPC on a listener of its own, as its clients call them; on the main listener, which speaks
// HTTP/1.1, as JSON by POST to the same paths, as the Connect protocol has it.

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromJson,
  type JsonValue,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf'
import Type from 'typebox'
import type { Action } from '../../../domain/actions.ts'
import { AppError } from '../../../domain/errors.ts'
import { Internal, Public } from '../../../protocol/dcron.ts'
import { type Call, type GrpcMethod, grpcMethod } from '../../http2/grpc-method.ts'
import { jsonRefusal } from '../../http2/grpc-status.ts'
import type { CompatAsk, CompatDoor, CompatRoute } from '../compat-door.ts'
import { disableJob, executeJob, getJob, newJob } from './calls.ts'
import { SYSTEM } from './to-command.ts'

type Method = {
  readonly route: CompatRoute
  readonly grpc: GrpcMethod
}

const METHODS: readonly Method[] = [
  method(Public.method.newJob, 'job.create', newJob),
  method(Public.method.getJob, 'job.read', getJob),
  method(Public.method.disableJob, 'job.pause', disableJob),
  method(Internal.method.executeJob, 'job.trigger', executeJob),
]

export const dcronDoor: CompatDoor = {
  system: SYSTEM,
  routes: METHODS.map(({ route }) => route),
  refuse: jsonRefusal,
  grpc: METHODS.map(({ grpc }) => grpc),
}

function method<I extends DescMessage, O extends DescMessage>(
  description: DescMethodUnary<I, O>,
  action: Action,
  call: Call<I, O>,
): Method {
  const { input, output } = description
  const grpc = grpcMethod(description, action, call)
  return {
    route: {
      method: 'POST',
      path: grpc.path,
      action,
      body: Type.Object({}),
      handle: async ({ ctx, who, body }: CompatAsk<JsonValue>) => {
        const answer = await call(ctx, who, read(input, body))
        return { status: 200, body: toJson(output, create(output, answer)) }
      },
    },
    grpc,
  }
}

/** What a field cannot hold is its sender's mistake. */
function read<I extends DescMessage>(schema: I, body: JsonValue): MessageShape<I> {
  try {
    return fromJson(schema, body, { ignoreUnknownFields: true })
  } catch (error) {
    throw new AppError('invalid', (error as Error).message)
  }
}
