// The methods of dcron. By gRPC on a listener of its own, as its clients call them; on the main listener, which speaks
// HTTP/1.1, as JSON by POST to the same paths, as the Connect protocol has it.

import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf'
import type { ConnectRouter } from '@connectrpc/connect'
import Type from 'typebox'
import { authorize } from '../../../commands/authorize.ts'
import type { Context } from '../../../commands/context.ts'
import type { Action } from '../../../domain/actions.ts'
import type { Principal } from '../../../domain/api-key.ts'
import { AppError } from '../../../domain/errors.ts'
import { Internal, Public } from '../../../protocol/dcron.ts'
import type { GrpcCaller } from '../../http2/grpc-listener.ts'
import { jsonRefusal } from '../../http2/grpc-status.ts'
import type { CompatAsk, CompatDoor, CompatRoute } from '../compat-door.ts'
import { disableJob, executeJob, getJob, newJob } from './calls.ts'
import { SYSTEM } from './to-command.ts'

type Method = {
  readonly route: CompatRoute
  readonly register: (router: ConnectRouter, callerOf: GrpcCaller) => void
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
  grpc: (router, callerOf) => {
    for (const { register } of METHODS) register(router, callerOf)
  },
}

function method<I extends DescMessage, O extends DescMessage>(
  description: DescMethodUnary<I, O>,
  action: Action,
  call: (ctx: Context, who: Principal, sent: MessageShape<I>) => Promise<MessageInitShape<O>>,
): Method {
  const { name, parent, input, output } = description
  return {
    route: {
      method: 'POST',
      path: `/${parent.typeName}/${name}`,
      action,
      body: Type.Object({}),
      handle: async ({ ctx, who, body }: CompatAsk<JsonValue>) => {
        const answer = await call(ctx, who, read(input, body))
        return { status: 200, body: toJson(output, create(output, answer)) }
      },
    },
    register: (router, callerOf) => {
      router.rpc(description, async (sent, context) => {
        const { ctx, who } = callerOf(context)
        authorize(who, action)
        return call(ctx, who, sent)
      })
    },
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
