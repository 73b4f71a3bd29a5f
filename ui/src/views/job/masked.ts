// Values that look like secrets are not shown: a screen is seen by more people than a key should be.

const SECRET = /authorization|cookie|token|secret|passw|api-?key|credential|signature/i

export function isSecretName(name: string): boolean {
  return SECRET.test(name)
}

export function masked<T>(value: T): T {
  if (Array.isArray(value)) return value.map(masked) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      isSecretName(name) && typeof one === 'string' ? '••••••••' : masked(one),
    ]),
  ) as T
}
