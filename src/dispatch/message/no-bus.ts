// Where no message bus is configured: the run goes to a server that has one, or its entry says what is missing.

import type { Outcome } from '../../domain/outcome.ts'
import type { Dispatcher } from '../../ports/dispatcher.ts'

const NO_BUS: Outcome = {
  kind: 'refused',
  message: 'this server has no message bus: start it with --bus amqp://…',
}

export const noBus: Dispatcher = {
  dispatch: async () => NO_BUS,
  dispatchBatch: async (batch) => batch.map(() => NO_BUS),
  batchKey: () => null,
}
