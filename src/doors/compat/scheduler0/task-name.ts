// The name of a task: its number, and which jobs it made.

export type JobRange = { readonly project: number; readonly first: number; readonly count: number }

export function taskName(task: number, ranges: readonly JobRange[]): string {
  return [task, ...ranges.map(({ project, first, count }) => `${project}.${first}.${count}`)].join('-')
}

export function rangeOf(text: string): JobRange | null {
  const match = /^(\d{1,7})\.(\d{1,10})\.(\d{1,5})$/.exec(text)
  return match === null
    ? null
    : { project: Number(match[1]), first: Number(match[2]), count: Number(match[3]) }
}
