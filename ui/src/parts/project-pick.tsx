// Of which project: scripts and secrets belong to one each. With a single one there is nothing to choose.

import { useQuery } from '@tanstack/preact-query'
import { carillon } from '../state/client.ts'
import { entersAll, may } from '../state/visit.ts'

const PROJECTS_OFFERED = 200
const DEFAULT = 'default'

export type OfProject = {
  /** What is shown as chosen. */
  readonly name: string
  readonly offered: readonly string[]
  /** For a request. Where nothing is said it is of the default project. */
  readonly inProject: { readonly project?: string }
  /** false: it is not known yet where this key may look. */
  readonly known: boolean
}

/** The one that was chosen; else the default project, or for a key that does not enter it the first that it does. */
export function useProject(chosen: string | null): OfProject {
  const projects = useQuery({
    queryKey: ['projects', 'names'],
    queryFn: () => carillon.projects.list({ limit: PROJECTS_OFFERED }),
    enabled: may('jobs:read'),
  })
  const names = projects.data?.items.map(({ name }) => name) ?? []
  const own = entersAll() || names.includes(DEFAULT) ? DEFAULT : (names[0] ?? DEFAULT)
  const name = chosen ?? own
  return {
    name,
    offered: [...new Set([name, ...names])],
    inProject: name === DEFAULT && chosen === null ? {} : { project: name },
    known: chosen !== null || entersAll() || !projects.isPending || !may('jobs:read'),
  }
}

type Props = { readonly of: OfProject; readonly onChoose: (name: string | null) => void }

export function ProjectPick({ of: { name, offered }, onChoose }: Props) {
  if (offered.length < 2) return null
  return (
    <div class="row">
      <span class="pick">
        <select aria-label="Project" value={name} onChange={(event) => onChoose(event.currentTarget.value)}>
          {offered.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </span>
    </div>
  )
}
