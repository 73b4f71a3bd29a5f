// The page: who is there, and which view.

import { QueryClientProvider } from '@tanstack/preact-query'
import { lazy, Suspense } from 'preact/compat'
import { useEffect } from 'preact/hooks'
import { Route, Switch, useLocation } from 'wouter-preact'
import { Glyph } from './parts/glyph.tsx'
import { Notice } from './parts/notice.tsx'
import { Loading } from './parts/panel.tsx'
import { Toasts } from './parts/toasts.tsx'
import { Shell } from './shell.tsx'
import { follow } from './state/live.ts'
import { queries } from './state/queries.ts'
import { session } from './state/visit.ts'
import { wrongText } from './state/wrong.ts'
import { JobsView } from './views/jobs.tsx'
import { OverviewView } from './views/overview.tsx'
import { SignInView } from './views/sign-in.tsx'

const JobView = lazy(async () => ({ default: (await import('./views/job.tsx')).JobView }))
const NewJobView = lazy(async () => ({ default: (await import('./views/new-job.tsx')).NewJobView }))
const RunsView = lazy(async () => ({ default: (await import('./views/runs.tsx')).RunsView }))
const RunView = lazy(async () => ({ default: (await import('./views/run.tsx')).RunView }))
const ScriptsView = lazy(async () => ({ default: (await import('./views/scripts.tsx')).ScriptsView }))
const ProjectsView = lazy(async () => ({ default: (await import('./views/projects.tsx')).ProjectsView }))
const CallbacksView = lazy(async () => ({ default: (await import('./views/callbacks.tsx')).CallbacksView }))
const SecretsView = lazy(async () => ({ default: (await import('./views/secrets.tsx')).SecretsView }))
const KeysView = lazy(async () => ({ default: (await import('./views/keys.tsx')).KeysView }))
const AuditView = lazy(async () => ({ default: (await import('./views/audit.tsx')).AuditView }))
const AgentsView = lazy(async () => ({ default: (await import('./views/agents.tsx')).AgentsView }))
const ImportView = lazy(async () => ({ default: (await import('./views/import.tsx')).ImportView }))
const SettingsView = lazy(async () => ({ default: (await import('./views/settings.tsx')).SettingsView }))

export function App() {
  const state = session.value
  const [path] = useLocation()
  if (path === '/sign-in' || state.kind === 'out') return <SignInView />
  if (state.kind === 'asking') return <Loading />
  if (state.kind === 'away') {
    return (
      <main class="main">
        <Notice tone="bad">
          The server does not answer: {wrongText(state.error)} Load the page again in a moment.
        </Notice>
      </main>
    )
  }
  return (
    <QueryClientProvider client={queries}>
      <Following />
      <Shell>
        <Suspense fallback={<Loading />}>
          <Switch>
            <Route path="/" component={OverviewView} />
            <Route path="/overview" component={OverviewView} />
            <Route path="/jobs" component={JobsView} />
            <Route path="/jobs/new" component={NewJobView} />
            <Route path="/jobs/:job/:tab?">
              {({ job, tab }) => <JobView key={job} id={job} tab={tab ?? 'about'} />}
            </Route>
            <Route path="/runs" component={RunsView} />
            <Route path="/runs/:run">{({ run }) => <RunView key={run} id={run} />}</Route>
            <Route path="/scripts" component={ScriptsView} />
            <Route path="/projects" component={ProjectsView} />
            <Route path="/callbacks" component={CallbacksView} />
            <Route path="/secrets" component={SecretsView} />
            <Route path="/keys" component={KeysView} />
            <Route path="/audit" component={AuditView} />
            <Route path="/agents" component={AgentsView} />
            <Route path="/import" component={ImportView} />
            <Route path="/settings" component={SettingsView} />
            <Route>
              <div class="empty">
                <Glyph name="search" />
                <p>There is nothing at this address.</p>
              </div>
            </Route>
          </Switch>
        </Suspense>
      </Shell>
      <Toasts />
    </QueryClientProvider>
  )
}

/** As long as someone is signed in. */
function Following() {
  useEffect(() => {
    const end = new AbortController()
    follow(end.signal)
    return () => {
      end.abort()
      queries.clear()
    }
  }, [])
  return null
}
