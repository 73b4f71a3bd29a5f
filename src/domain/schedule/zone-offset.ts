// The only place that asks the platform's time-zone database. Everything above works on the numbers it gives.

const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/

/** Seconds east of UTC at an instant, which is given in whole seconds. */
export type OffsetReader = (instant: number) => number

/** The reader of a zone's offset, or null when the platform does not know the name. */
export function openZone(name: string): OffsetReader | null {
  const format = openFormat(name)
  if (format === null) return null
  return (instant) => parseOffset(format.format(instant * 1_000))
}

function openFormat(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', timeZoneName: 'longOffset' })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function parseOffset(text: string): number {
  const match = OFFSET.exec(text)
  if (match === null) throw new Error(`the platform gave an unreadable zone offset: ${text}`)
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match
  const size = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  return sign === '-' ? -size : size
}

/** The names the platform lists: canonical ones only, it accepts more. */
export function listedZones(): readonly string[] {
  return Intl.supportedValuesOf('timeZone')
}
