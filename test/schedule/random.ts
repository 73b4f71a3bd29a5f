// Random expressions and places in time, from a seed: the same seed gives the same test again.

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** In [0, 1). Mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]!
  }
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** An expression of the grammar without macros and H. Some match seldom, none never. */
export function randomExpression(random: Random): string {
  const fields = [
    numbers(random, 0, 59, 0.3),
    // The small hours more often than not: that is when clocks change.
    random.chance(0.5) ? numbers(random, 0, 4, 0) : numbers(random, 0, 23, 0.4),
    random.chance(0.6) ? '*' : dayOfMonth(random),
    random.chance(0.75) ? '*' : month(random),
    random.chance(0.6) ? random.pick(['*', '?']) : dayOfWeek(random),
  ]
  if (random.chance(0.25)) fields.unshift(numbers(random, 0, 59, 0.1))
  if (fields.length === 6 && random.chance(0.3)) fields.push(random.pick(['*', '2020-2060', '2024/2', '*/3']))
  return fields.join(' ')
}

function numbers(random: Random, min: number, max: number, wild: number): string {
  if (random.chance(wild)) return random.chance(0.5) ? '*' : `*/${random.integer(2, Math.floor(max / 2))}`
  const low = random.integer(min, max)
  const high = random.integer(low, max)
  return random.pick([
    () => `${low}`,
    () => `${low}`,
    () => `${low}-${high}`,
    () => `${low},${random.integer(min, max)},${random.integer(min, max)}`,
    () => `${low}-${high}/${random.integer(1, max - min + 1)}`,
    () => `${low}/${random.integer(1, max - min + 1)}`,
    () => `${low}-${high},${random.integer(min, max)}`,
  ])()
}

function dayOfMonth(random: Random): string {
  const day = random.integer(1, 28)
  return random.pick([
    () => numbers(random, 1, 28, 0.1),
    () => 'L',
    () => 'LW',
    () => `${day}W`,
    () => `${day},L`,
    () => `${day},${random.integer(1, 31)}`,
    () => `*/${random.integer(2, 15)}`,
  ])()
}

function month(random: Random): string {
  const low = random.integer(0, 11)
  const high = random.integer(low, 11)
  return random.pick([numbers(random, 1, 12, 0.1), MONTHS[low]!, `${MONTHS[low]}-${MONTHS[high]}`])
}

function dayOfWeek(random: Random): string {
  const low = random.integer(0, 6)
  const high = random.integer(low, 6)
  const weekday = random.chance(0.5) ? WEEKDAYS[low] : `${low}`
  return random.pick([
    () => `${weekday}`,
    () => `${WEEKDAYS[low]}-${WEEKDAYS[high]}`,
    () => `${low}-7`,
    () => `${weekday},${random.integer(0, 7)}`,
    () => `${weekday}#${random.integer(1, 4)}`,
    () => `${weekday}L`,
    () => `${low}/${random.integer(1, 7)}`,
    () => `*/${random.integer(2, 6)}`,
  ])()
}
