// Where we differ from croner 11 on purpose. Each class has a predicate here and its cases, with the reason and the
// verdict of the oracle, in croner-deviations.test.ts. Nothing else may be left out of the comparison.

/**
 * A day field such as `*\/2` starts with `*`, so for Vixie (and us) it is unrestricted and narrows the other one.
 * For croner only a bare `*` is: it joins the two by OR.
 */
export function hasSteppedDayStar(cron: string): boolean {
  const { dayOfMonth, dayOfWeek } = fieldsOf(cron)
  const stepped = (field: string) => field.startsWith('*') && field !== '*'
  const free = (field: string) => field === '*' || field === '?'
  return (stepped(dayOfMonth) && !free(dayOfWeek)) || (stepped(dayOfWeek) && !free(dayOfMonth))
}

/**
 * A job is fixed-time by its hour and minute; croner asks the second field too, so that `* 30 2 * * *` is an interval.
 */
export function hasIntervalSecondsOnly(cron: string): boolean {
  const { second, minute, hour } = fieldsOf(cron)
  const interval = (field: string) => /[*/]/.test(field)
  return interval(second) && !interval(minute) && !interval(hour)
}

/** A step over all years counts from the first year we know, 1970, as in Quartz; croner counts from the year 0. */
export function hasSteppedYearStar(cron: string): boolean {
  return fieldsOf(cron).year.startsWith('*/')
}

/** From Sunday to Sunday is one day here, as from 0 to 0; croner reads the second one as 7 and takes the whole week. */
export function hasSundayToSunday(cron: string): boolean {
  return /SUN-SUN/i.test(fieldsOf(cron).dayOfWeek)
}

const CLASSES = [hasSteppedDayStar, hasIntervalSecondsOnly, hasSteppedYearStar, hasSundayToSunday]

export function deviatesFromCroner(cron: string): boolean {
  return CLASSES.some((holds) => holds(cron))
}

function fieldsOf(cron: string) {
  const fields = cron.split(' ')
  if (fields.length === 5) fields.unshift('0')
  const [second = '', minute = '', hour = '', dayOfMonth = '', , dayOfWeek = '', year = '*'] = fields
  return { second, minute, hour, dayOfMonth, dayOfWeek, year }
}
