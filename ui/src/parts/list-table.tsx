// A table of what there is: rows on a desk, cards on a phone.

import type { ComponentChildren } from 'preact'

type Props = {
  /** Above each column; false: it is not there. */
  readonly head: readonly (string | false)[]
  /** The last column is what one can do. */
  readonly acts?: true
  readonly children: ComponentChildren
}

export function ListTable({ head, acts, children }: Props) {
  return (
    <div class="table-wrap">
      <table class="list cards">
        <thead>
          <tr>
            {head.map((words) => words !== false && <th key={words}>{words}</th>)}
            {acts === true && (
              <th>
                <span class="hidden-text">Act</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}
