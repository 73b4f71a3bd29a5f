// Who is signed in at the page: one's own visits, for an admin also those of others; and signing them out.

import { useQuery } from '@tanstack/preact-query'
import type { OpenVisit } from '../../../../src/sdk/index.ts'
import { Answer } from '../../parts/answer.tsx'
import { Panel } from '../../parts/panel.tsx'
import { say, sayWrong } from '../../parts/toasts.tsx'
import { carillon } from '../../state/client.ts'
import { queries } from '../../state/queries.ts'
import { may, signOut } from '../../state/visit.ts'
import { TimeText } from '../../time/time-text.tsx'

const PAGE = 200
/** Of all visits; others' are left out of the answer where they are nobody's business. */
const PAGES_MAX = 10

export function Visits() {
  const visits = useQuery({ queryKey: ['visits'], queryFn: allVisits })
  const end = async ({ id, name, own }: OpenVisit): Promise<void> => {
    if (own) return signOut()
    try {
      await carillon.visit.revoke(id)
      say(`${name} is signed out there.`)
    } catch (error) {
      sayWrong(error)
    }
    await queries.invalidateQueries({ queryKey: ['visits'] })
  }
  return (
    <Answer of={visits}>
      {(all) => (
        <Panel
          title={may('admin') ? 'Who is signed in' : 'Where you are signed in'}
          flush
          aside={<span class="soft small">ended, a visit is worth nothing at once</span>}
        >
          <div class="table-wrap">
            <table class="list cards">
              <thead>
                <tr>
                  <th>Name</th>
                  <th>By</th>
                  <th>Since</th>
                  <th>Until</th>
                  <th>
                    <span class="hidden-text">Act</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {all.map((visit) => (
                  <Row key={visit.id} of={visit} onEnd={() => void end(visit)} />
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
    </Answer>
  )
}

function Row({ of, onEnd }: { readonly of: OpenVisit; readonly onEnd: () => void }) {
  return (
    <tr data-row>
      <td class="name">
        {of.name} {of.own && <span class="chip">this one</span>}
        <div class="soft small mono">{of.keyId}</div>
      </td>
      <td data-title="by">{of.issuer ?? 'a key or a link'}</td>
      <td data-title="since">
        <TimeText at={of.createdAt} />
      </td>
      <td data-title="until">
        <TimeText at={of.expiresAt} />
      </td>
      <td class="actions">
        <button
          type="button"
          class="button small danger"
          aria-label={of.own ? 'Sign out here' : `Sign out ${of.name}`}
          onClick={onEnd}
        >
          Sign out
        </button>
      </td>
    </tr>
  )
}

async function allVisits(): Promise<readonly OpenVisit[]> {
  const all: OpenVisit[] = []
  let cursor: string | null = null
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = await carillon.visit.list({ limit: PAGE, ...(cursor === null ? {} : { cursor }) })
    all.push(...page.items)
    cursor = page.nextCursor
    if (cursor === null) break
  }
  return all
}
