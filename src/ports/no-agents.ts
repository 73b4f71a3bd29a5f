// For a store that does not know agents (yet): there are none, and none can come in.

import type { AgentStore } from './agent-store.ts'

const MESSAGE = 'agents need a store that knows them; this one does not yet'

const refuse = async (): Promise<never> => {
  throw new Error(MESSAGE)
}

export const NO_AGENTS: AgentStore = {
  addToken: refuse,
  tokens: async () => ({ items: [], nextCursor: null }),
  endToken: async () => false,
  join: refuse,
  ensure: async () => null,
  get: async () => null,
  byName: async () => null,
  byKey: async () => null,
  list: async () => ({ items: [], nextCursor: null }),
  drain: async () => null,
  remove: async () => null,
  open: async () => null,
  touch: async () => [],
  spare: async () => {},
  stopping: async () => [],
  waiting: async () => [],
  nextReadyAt: async () => null,
  claim: async () => ({ works: [], missed: [] }),
  keepLate: async () => {},
  heldBy: async () => [],
  works: async (held) => held.map(() => null),
}
