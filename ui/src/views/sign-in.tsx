// Coming in: by the link that was shown in the terminal, or by a key.

import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { Notice, Wrong } from '../parts/notice.tsx'
import { TextField } from '../parts/text-field.tsx'
import { Bell } from '../shell.tsx'
import { carillon } from '../state/client.ts'
import { session, signIn, signInBy } from '../state/visit.ts'

type Way = { readonly issuer: string; readonly title: string }

/** Where the server cannot say, there are none: a key lets in all the same. */
function useIssuers(): readonly Way[] {
  const [issuers, setIssuers] = useState<readonly Way[]>([])
  useEffect(() => {
    carillon.visit.ways().then(
      (ways) =>
        setIssuers(ways.issuers.flatMap(({ issuer, page }) => (page === null ? [] : [{ issuer, ...page }]))),
      () => {},
    )
  }, [])
  return issuers
}

export function SignInView() {
  const [path, go] = useLocation()
  const [key, setKey] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(location.hash.length > 1)
  const [refused] = useState(new URLSearchParams(location.search).has('refused'))
  const state = session.value

  const issuers = useIssuers()

  const enter = async (how: { key: string } | { ticket: string }): Promise<void> => {
    setBusy(true)
    setError(null)
    try {
      await signIn(how)
      if (path === '/sign-in') go('/', { replace: true })
    } catch (wrong) {
      setError(wrong)
      setBusy(false)
    }
  }

  useEffect(() => {
    document.title = 'Sign in · Carillon'
    if (refused) history.replaceState(null, '', location.pathname)
    const ticket = location.hash.slice(1)
    if (ticket === '') return
    // Worth nothing any more once it is used; and not to be kept in the history either way.
    history.replaceState(null, '', location.pathname)
    void enter({ ticket })
  }, [])

  return (
    <main class="sign-in">
      <div class="panel">
        <form
          class="body stack tight"
          onSubmit={(event) => {
            event.preventDefault()
            void enter({ key: key.trim() })
          }}
        >
          <span class="brand">
            <Bell />
            Carillon
          </span>
          <h1>Sign in</h1>
          {refused && error === null && (
            <Notice tone="bad">The issuer has not let you in here, or nothing is granted to you.</Notice>
          )}
          {state.kind === 'out' && state.why !== null && error === null && (
            <Notice tone="calm">{state.why}</Notice>
          )}
          <Wrong error={error} />
          <TextField
            label="API key"
            hint={
              <>
                Or ask for a link in a terminal: <code>npx carillon page</code>
              </>
            }
            type="password"
            name="key"
            autocomplete="current-password"
            autofocus
            required
            value={key}
            onText={setKey}
          />
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? 'Signing in …' : 'Sign in'}
          </button>
          {issuers.map(({ issuer, title }) => (
            <button
              key={issuer}
              type="button"
              class="button"
              disabled={busy}
              onClick={() => {
                setBusy(true)
                setError(null)
                signInBy(issuer).catch((wrong: unknown) => {
                  setError(wrong)
                  setBusy(false)
                })
              }}
            >
              Sign in with {title}
            </button>
          ))}
        </form>
      </div>
    </main>
  )
}
