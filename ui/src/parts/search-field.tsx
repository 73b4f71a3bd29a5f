// Searches while one types, a moment after the last key.

import { useEffect, useState } from 'preact/hooks'

type Props = { readonly label: string; readonly value: string; readonly onSearch: (text: string) => void }

const WAIT_MS = 250

export function SearchField({ label, value, onSearch }: Props) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onSearch(text), WAIT_MS)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <input
      type="search"
      class="search"
      aria-label={label}
      placeholder={`${label}  /`}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  )
}
