// What is to be made of a report of `npm audit`, given the exceptions that people have written down. Pure.

export type Exception = {
  /** As npm names it: GHSA-… */
  readonly advisory: string
  readonly package: string
  /** Why it does not concern this product. */
  readonly reason: string
  /** The last day it counts: YYYY-MM-DD. Then somebody looks again. */
  readonly until: string
}

export type Verdict =
  /** Nobody could be asked: that is no fault of the change that is checked. */
  | { readonly kind: 'unanswered'; readonly why: string }
  | { readonly kind: 'answered'; readonly excepted: readonly string[]; readonly problems: readonly string[] }

type Via = {
  readonly url?: string
  readonly title?: string
  readonly severity?: string
  readonly name?: string
}
type Report = {
  readonly auditReportVersion?: number
  readonly message?: string
  readonly vulnerabilities?: Readonly<Record<string, { readonly via: readonly (string | Via)[] }>>
}

/** `today`: YYYY-MM-DD. */
export function auditVerdict(output: string, exceptions: readonly Exception[], today: string): Verdict {
  const report = parsed(output)
  if (report?.auditReportVersion !== 2 || report.vulnerabilities === undefined) {
    return { kind: 'unanswered', why: report?.message ?? 'npm audit gave no report' }
  }
  const found = new Map<string, { name: string; text: string }>()
  for (const [name, { via }] of Object.entries(report.vulnerabilities)) {
    for (const one of via) {
      // A mere name leads to a package that stands in the report itself.
      if (typeof one === 'string') continue
      const advisory = one.url?.split('/').at(-1) ?? 'unnamed'
      found.set(`${advisory} ${one.name ?? name}`, {
        name: one.name ?? name,
        text: `${one.name ?? name}: ${one.severity ?? 'unknown'}, ${one.title ?? ''} (${advisory})`,
      })
    }
  }
  const known = new Map(exceptions.map((one) => [`${one.advisory} ${one.package}`, one]))
  const problems = exceptions.flatMap((one) => faultsOf(one, today))
  const excepted: string[] = []
  for (const [key, { text }] of found) {
    const exception = known.get(key)
    if (exception === undefined)
      problems.push(`${text}. Update it, or write down in audit-exceptions.json why not.`)
    else excepted.push(`${text}: ${exception.reason} (until ${exception.until})`)
  }
  for (const [key, one] of known) {
    if (!found.has(key))
      problems.push(`${one.advisory} of ${one.package} is excepted and not there any more: take it out.`)
  }
  return { kind: 'answered', excepted, problems }
}

function faultsOf({ advisory, package: name, reason, until }: Exception, today: string): string[] {
  const which = `the exception for ${advisory} of ${name}`
  if (reason.trim().length < 20) return [`${which} does not say why.`]
  if (!/^\d{4}-\d{2}-\d{2}$/.test(until)) return [`${which} has no end such as 2027-03-31.`]
  return until < today ? [`${which} ended on ${until}: look again.`] : []
}

function parsed(output: string): Report | null {
  try {
    const report: unknown = JSON.parse(output)
    return typeof report === 'object' && report !== null ? report : null
  } catch {
    return null
  }
}
