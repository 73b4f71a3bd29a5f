// One page of a list: what was asked for, its rows or why there are none, the way on, and what takes it away as a file.

import type { ComponentChildren } from 'preact'
import { ExportPick } from '../export/export-pick.tsx'
import type { Column } from '../export/table-text.ts'
import type { Address } from '../state/use-address.ts'
import { Answer, type Asked, Empty } from './answer.tsx'
import { Pager } from './pager.tsx'
import { Panel } from './panel.tsx'

type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null }

type Props<T> = {
  readonly of: Asked<Page<T>>
  readonly address: Address
  /** Of the file, and of what is in it. */
  readonly name: string
  readonly columns: readonly Column<T>[]
  /** What is said where there is nothing. */
  readonly none?: (page: Page<T>) => ComponentChildren
  /** Beside the way on. */
  readonly more?: (items: readonly T[]) => ComponentChildren
  readonly children: (items: readonly T[]) => ComponentChildren
}

export function ListPanel<T>({ of, address, name, columns, none, more, children }: Props<T>) {
  return (
    <Answer of={of}>
      {(page) => (
        <Panel
          flush
          footer={
            <Pager address={address} next={page.nextCursor} shown={page.items.length}>
              <ExportPick name={name} rows={page.items} columns={columns} />
              {more?.(page.items)}
            </Pager>
          }
        >
          {page.items.length === 0 && none !== undefined ? <Empty>{none(page)}</Empty> : children(page.items)}
        </Panel>
      )}
    </Answer>
  )
}
