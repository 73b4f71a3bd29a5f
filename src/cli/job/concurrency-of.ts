// "db=2": a concurrency key and how many runs it admits.

import { InvalidArgumentError } from 'commander'

export function concurrencyOf(text: string): { readonly key: string; readonly max: number } {
  const match = /^(.+)=(\d{1,5})$/.exec(text)
  if (match === null) throw new InvalidArgumentError('Write it as key=number: billing-db=2.')
  return { key: match[1]!, max: Number(match[2]) }
}
