// A client of a replaced system changes what it has words for; what the operator has set beside it stays.

/** `part` with the fields that the client `owns` as they are in `wanted`, where they may be missing. */
export function withOwn<Part extends object>(
  part: Part,
  wanted: Part,
  owns: (name: keyof Part & string) => boolean,
): Part {
  const kept = Object.entries(part).filter(([name]) => !owns(name as keyof Part & string))
  const own = Object.entries(wanted).filter(([name]) => owns(name as keyof Part & string))
  return Object.fromEntries([...kept, ...own]) as Part
}
