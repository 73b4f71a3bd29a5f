// Coming in: by the link that was shown in the terminal, or by a key.

import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { Field } from '../parts/field.tsx'
import { Notice, Wrong } from '../parts/notice.tsx'
import { Bell } from '../shell.tsx'
import { session, signIn } from '../state/visit.ts'

export function SignInView() {
  const [path, go] = useLocation()
  const [key, setKey] = useState('')
  const [error, setError] = useState<unknown>(null)
  const [busy, setBusy] = useState(location.hash.length > 1)
  const state = session.value

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
          {state.kind === 'out' && state.why !== null && error === null && (
            <Notice tone="calm">{state.why}</Notice>
          )}
          <Wrong error={error} />
          <Field
            label="API key"
            hint={
              <>
                Or ask for a link in a terminal: <code>npx carillon page</code>
              </>
            }
          >
            {(ids) => (
              <input
                {...ids}
                type="password"
                name="key"
                autocomplete="current-password"
                autofocus
                required
                value={key}
                onInput={(event) => setKey(event.currentTarget.value)}
              />
            )}
          </Field>
          <button type="submit" class="button primary" disabled={busy}>
            {busy ? 'Signing in …' : 'Sign in'}
          </button>
        </form>
      </div>
    </main>
  )
}
