// What has been asked of the server, kept until news make it old. Nothing is asked again by a timer alone.

import { QueryCache, QueryClient } from '@tanstack/preact-query'
import { noteSignedOut } from './visit.ts'
import { isSignedOut } from './wrong.ts'

export const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (isSignedOut(error)) noteSignedOut()
    },
  }),
  defaultOptions: {
    queries: {
      retry: false,
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      refetchOnReconnect: true,
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
})
