// Does the chain hold? The page reads all of it and reckons each hash itself: the server is not asked for its opinion.

import { useEffect, useRef, useState } from 'preact/hooks'
import { type AuditEntry, type Verdict, verifyAudit } from '../../../../src/sdk/index.ts'
import { save } from '../../export/save.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Notice, Wrong } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { TextField } from '../../parts/text-field.tsx'
import { carillon } from '../../state/client.ts'
import { countText } from '../../time/format.ts'

/** How often the count on the screen is drawn anew. */
const TOLD_EVERY = 1_000

type Work = { readonly kind: 'check' | 'export'; readonly links: number } | null

export function Chain() {
  const [work, setWork] = useState<Work>(null)
  const [verdict, setVerdict] = useState<Verdict | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [expect, setExpect] = useState('')
  const end = useRef<AbortController | null>(null)
  useEffect(() => () => end.current?.abort(), [])

  const walk = async (
    kind: 'check' | 'export',
    use: (chain: AsyncGenerator<AuditEntry>) => Promise<void>,
  ) => {
    const mine = new AbortController()
    end.current = mine
    setError(null)
    setVerdict(null)
    setWork({ kind, links: 0 })
    const counted = async function* (): AsyncGenerator<AuditEntry> {
      let links = 0
      for await (const entry of carillon.audit.chain(0, { signal: mine.signal })) {
        links += 1
        if (links % TOLD_EVERY === 0) setWork({ kind, links })
        yield entry
      }
    }
    try {
      await use(counted())
    } catch (wrong) {
      if (!mine.signal.aborted) setError(wrong)
    } finally {
      if (end.current === mine) setWork(null)
    }
  }
  const check = (): Promise<void> =>
    walk('check', async (chain) => {
      const head = expect.trim().toLowerCase()
      setVerdict(await verifyAudit(chain, head === '' ? {} : { expect: head }))
    })
  const take = (): Promise<void> =>
    walk('export', async (chain) => {
      const lines: string[] = []
      for await (const entry of chain) lines.push(`${JSON.stringify(entry)}\n`)
      save('audit.jsonl', new Blob(lines, { type: 'application/jsonl' }))
    })
  return (
    <Panel
      title="The chain"
      aside={<span class="soft small">each entry holds the hash of the one before</span>}
    >
      <div class="stack tight">
        <p class="soft">
          Entries are linked within a second, and never changed or deleted. This reads every link and reckons
          its hash anew. That the last ones were cut off shows only against a head that was kept elsewhere.
        </p>
        <div class="form-grid">
          <TextField
            label="A head that was kept"
            hint="Left empty: the links are checked among themselves."
            class="mono"
            spellcheck={false}
            value={expect}
            onText={setExpect}
          />
        </div>
        <div class="row">
          <button
            type="button"
            class="button"
            disabled={work !== null || !CAN_HASH}
            onClick={() => void check()}
          >
            Check the chain
          </button>
          <button type="button" class="button" disabled={work !== null} onClick={() => void take()}>
            Take it away (JSON lines)
          </button>
          {work !== null && (
            <>
              <span class="soft small" role="status">
                {countText(work.links)} links {work.kind === 'check' ? 'hold so far' : 'read so far'}
              </span>
              <button type="button" class="button small" onClick={() => end.current?.abort()}>
                Stop
              </button>
            </>
          )}
        </div>
        {!CAN_HASH && (
          <p class="soft">
            Browsers reckon hashes only on pages that came by https or from this machine. In a terminal:{' '}
            <code>carillon audit verify</code>
          </p>
        )}
        <Wrong error={error} />
        {verdict !== null && <Found verdict={verdict} />}
      </div>
    </Panel>
  )
}

const CAN_HASH = globalThis.crypto?.subtle !== undefined

function Found({ verdict }: { readonly verdict: Verdict }) {
  if (!verdict.ok) {
    return (
      <Notice tone="bad">
        The audit does not hold: {verdict.reason}. {countText(verdict.links)} links before it hold.
      </Notice>
    )
  }
  return (
    <Notice tone="ok" action={<CopyButton text={verdict.head}>Copy</CopyButton>}>
      <p>
        {countText(verdict.links)} links hold. Keep this head elsewhere, and check against it the next time:
      </p>
      <code class="break">{verdict.head}</code>
    </Notice>
  )
}
