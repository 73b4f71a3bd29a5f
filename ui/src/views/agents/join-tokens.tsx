// Tokens by which a further agent may come in, as long as nobody has: each works once, and can be ended before.

import { useQuery } from '@tanstack/preact-query'
import { ListTable } from '../../parts/list-table.tsx'
import { Panel } from '../../parts/panel.tsx'
import { say, sayWrong } from '../../parts/toasts.tsx'
import { carillon } from '../../state/client.ts'
import { queries } from '../../state/queries.ts'
import { now } from '../../time/clock.ts'
import { TimeText } from '../../time/time-text.tsx'

const SHOWN = 100

export function JoinTokens() {
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: () => carillon.agents.tokens({ limit: SHOWN }) })
  const open = (tokens.data?.items ?? []).filter(
    ({ usedAt, expiresAt }) => usedAt === null && Date.parse(expiresAt) > now.value,
  )
  if (open.length === 0) return null
  const end = async (id: string): Promise<void> => {
    try {
      await carillon.agents.endToken(id)
      say('Nobody comes in by it any more.')
    } catch (error) {
      sayWrong(error)
    }
    await queries.invalidateQueries({ queryKey: ['tokens'] })
  }
  return (
    <Panel
      title="Tokens that nobody has used yet"
      flush
      aside={<span class="soft small">each lets one agent in</span>}
    >
      <ListTable head={['Begins with', 'Labels', 'Made', 'Until']} acts>
        {open.map(({ id, hint, labels, createdAt, expiresAt }) => (
          <tr key={id} data-row>
            <td class="name">
              <code>{hint}</code>
            </td>
            <td>
              {Object.entries(labels).map(([name, value]) => (
                <span key={name} class="chip">
                  {name}={value}
                </span>
              ))}
            </td>
            <td data-title="made">
              <TimeText at={createdAt} />
            </td>
            <td data-title="until">
              <TimeText at={expiresAt} />
            </td>
            <td class="actions">
              <button type="button" class="button small danger" onClick={() => void end(id)}>
                End it
              </button>
            </td>
          </tr>
        ))}
      </ListTable>
    </Panel>
  )
}
