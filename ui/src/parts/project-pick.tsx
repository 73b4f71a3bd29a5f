// Of which project: scripts and secrets belong to one each. With a single one there is nothing to choose.

import { useQuery } from '@tanstack/preact-query'
import { carillon } from '../state/client.ts'
import { may } from '../state/visit.ts'

const PROJECTS_OFFERED = 200

type Props = { readonly chosen: string | null; readonly onChoose: (name: string | null) => void }

export function ProjectPick({ chosen, onChoose }: Props) {
  const projects = useQuery({
    queryKey: ['projects', 'names'],
    queryFn: () => carillon.projects.list({ limit: PROJECTS_OFFERED }),
    enabled: may('jobs:read'),
  })
  const names = projects.data?.items.map(({ name }) => name) ?? []
  if (names.length < 2 && chosen === null) return null
  return (
    <div class="row">
      <span class="pick">
        <select
          aria-label="Project"
          value={chosen ?? 'default'}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {[...new Set(['default', ...(chosen === null ? [] : [chosen]), ...names])].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </span>
    </div>
  )
}
