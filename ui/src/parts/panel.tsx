// A part of a view with a heading.

import type { ComponentChildren } from 'preact'

type Props = {
  readonly title?: ComponentChildren
  readonly aside?: ComponentChildren
  readonly footer?: ComponentChildren
  /** The content reaches the edges, as a table does. */
  readonly flush?: boolean
  readonly children: ComponentChildren
}

export function Panel({ title, aside, footer, flush, children }: Props) {
  return (
    <section class="panel">
      {title !== undefined && (
        <header>
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      {flush === true ? children : <div class="body">{children}</div>}
      {footer !== undefined && <footer>{footer}</footer>}
    </section>
  )
}

export function Loading() {
  return (
    <div class="loading" role="status" aria-label="Loading">
      <i />
      <i />
      <i />
    </div>
  )
}
