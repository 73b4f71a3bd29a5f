import { useEffect } from 'preact/hooks'

/** What the tab says. */
export function useTitle(words: string): void {
  useEffect(() => {
    document.title = `${words} · Carillon`
  }, [words])
}
