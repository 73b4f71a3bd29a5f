// Numbers as bars of one character each, with the largest said beside them.

const BARS = '▁▂▃▄▅▆▇█'

export function spark(numbers: readonly number[]): string {
  const most = Math.max(0, ...numbers)
  if (most === 0) return 'nothing'
  const bar = (count: number): string =>
    count === 0 ? '·' : BARS[Math.max(0, Math.ceil((count / most) * BARS.length) - 1)]!
  return `${numbers.map(bar).join('')}  at most ${most} an hour`
}
