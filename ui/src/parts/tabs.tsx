// Parts of a view, each with an address of its own.

import { Link } from 'wouter-preact'

type Props = {
  readonly at: string
  readonly tabs: readonly (readonly [href: string, label: string])[]
  readonly label: string
}

export function Tabs({ at, tabs, label }: Props) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([href, text]) => (
        <Link key={href} href={href} aria-current={href === at ? 'page' : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  )
}
