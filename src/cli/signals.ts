// The wish to stop, from a terminal (SIGINT) or a supervisor (SIGTERM).

/** Resolves at the first signal. A second one finds nobody listening and ends the process at once. */
export function signalled(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  const names = ['SIGINT', 'SIGTERM'] as const
  const onSignal = (name: NodeJS.Signals): void => {
    for (const one of names) process.off(one, onSignal)
    resolve(name)
  }
  for (const name of names) process.on(name, onSignal)
  return promise
}
