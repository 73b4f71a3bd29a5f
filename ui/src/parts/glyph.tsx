// The small signs of the page. Each status has a shape of its own.

const PATHS = {
  succeeded: 'M2.5 8.5 6.200 12.200 13.500 4.300',
  failed: 'M3.500 3.500 12.500 12.500M12.500 3.500 3.500 12.500',
  missed: 'M8 1.800 14.600 13.400H1.400ZM8 6v3.600M8 11.600v.1',
  skipped: 'M2.500 4 7 8 2.500 12M8.500 4 13 8 8.500 12',
  cancelled: 'M3.500 3.500h9v9h-9Z',
  cancelling: 'M3.500 3.500h9v9h-9ZM6.500 6.500h3v3h-3Z',
  unknown: 'M5.300 5.400a2.800 2.800 0 1 1 4.200 2.500C8.500 8.500 8 9 8 10M8 12.600v.1',
  pending: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 4.800V8.200l2.200 1.500',
  running: 'M8 2a6 6 0 1 1-6 6',
  active: 'M4.500 3 12.500 8 4.500 13Z',
  paused: 'M5 3v10M11 3v10',
  finished: 'M3 2.500v11M3 3h9.500l-2 3 2 3H3',
  info: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 7.300v3.500M8 5.100v.1',
  bell: 'M8 1.800v1M4 11V7.200a4 4 0 0 1 8 0V11l1.500 1.500h-11ZM6.500 14h3',
  search: 'M7 2.500a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9ZM10.300 10.300 14 14',
  plus: 'M8 3v10M3 8h10',
  copy: 'M5.500 5.500h8v8h-8ZM10.500 5.500v-3h-8v8h3',
  overview: 'M2 2.500h5v5H2ZM9 2.500h5v3H9ZM9 8h5v5.500H9ZM2 10h5v3.500H2Z',
  jobs: 'M2.500 4h11M2.500 8h11M2.500 12h7',
  runs: 'M2 13.500V9M6 13.500V5M10 13.500V7M14 13.500V2.500',
  agents: 'M2.500 2.500h11v8h-11ZM5.500 13.500h5M8 10.500v3',
  scripts: 'M6 4.500 2.500 8 6 11.500M10 4.500 13.500 8 10 11.500',
  callbacks: 'M2 3h12v8H8l-3.500 3v-3H2Z',
  keys: 'M5.500 6.500a3 3 0 1 1 0 3ZM8.300 8H14v2.500M11.500 8v2',
  secrets: 'M3.500 7h9v6.500h-9ZM5.500 7V5a2.500 2.500 0 0 1 5 0v2M8 9.500v1.500',
  projects: 'M2 4h4.500L8 5.500h6V13H2Z',
  audit: 'M3.500 2h9v12h-9ZM6 5.500h4M6 8h4M6 10.500h2.500',
  settings: 'M2.500 4.500h7M12.500 4.500h1M2.500 11.500h1M6.500 11.500h7M11 3v3M5 10v3',
  import: 'M8 2v8M4.800 7 8 10.200 11.200 7M2.500 13.500h11',
  back: 'M10 3 5 8l5 5',
  next: 'M6 3l5 5-5 5',
} as const

export type GlyphName = keyof typeof PATHS

export function Glyph({ name, turning }: { readonly name: GlyphName; readonly turning?: boolean }) {
  return (
    <svg
      class={turning === true ? 'glyph turning' : 'glyph'}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
