// Questions to the server name only what is wanted.

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> }

/** Only what has a value: what is null or undefined is not asked for at all. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  ) as Given<T>
}
