// One log: as many lines as there are, only those in sight drawn; followed while it grows, searched, each line with an
// address of its own.

import { memo } from 'preact/compat'
import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks'
import type { LogInfo, LogLine, RunDetail } from '../../../../src/sdk/index.ts'
import { plainText, spansOf } from '../../log/ansi.ts'
import { LogLines, type ReadLines } from '../../log/log-lines.ts'
import { searchLog } from '../../log/search-log.ts'
import { useTall } from '../../log/use-tall.ts'
import { Notice } from '../../parts/notice.tsx'
import { sayWrong } from '../../parts/toasts.tsx'
import { carillon } from '../../state/client.ts'
import { wrongText } from '../../state/wrong.ts'
import { countText } from '../../time/format.ts'
import { inAll } from '../../time/time-text.tsx'

const ROW = 20
/** Of one line on the screen; the download has all of it. */
const SHOWN_MAX = 4_000
/** How far a search is, told so often. */
const PAINT_MS = 150

type Props = { readonly run: RunDetail; readonly log: LogInfo; readonly growing: boolean }

export function LogView({ run, log, growing }: Props) {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const which = { attempt: log.attempt, part: log.part }
  const read: ReadLines = async (from, limit, signal) => {
    const {
      items,
      next,
      log: now,
    } = await carillon.logs.read(run.id, { ...which, from, limit }, signal === undefined ? {} : { signal })
    return { items, next, total: now?.lines ?? 0 }
  }
  const [lines] = useState(() => new LogLines(log.lines, read, () => redraw(0)))
  const wanted = /^#L(\d+)$/.exec(location.hash)?.[1]
  const [marked, setMarked] = useState<number | null>(wanted === undefined ? null : Number(wanted))
  const [following, setFollowing] = useState(growing && wanted === undefined)
  const [words, setWords] = useState('')
  const [found, setFound] = useState<Found | null>(null)
  const looking = useRef<AbortController | null>(null)
  // As the list of logs says; the stream may be behind, or have broken off.
  lines.total = Math.max(lines.total, log.lines)
  const { scroller, rows, height, show, onScroll, onKeyDown } = useTall(lines.total, ROW, () =>
    setFollowing(false),
  )
  const last = useRef(0)

  // To the end of the stream, not of the run: that the run is over may be known before its last lines have come.
  const follows = useRef<AbortController | null>(null)
  useEffect(() => {
    if (!growing || follows.current !== null) return
    const end = new AbortController()
    follows.current = end
    void (async () => {
      for await (const news of carillon.logs.follow(run.id, { ...which, tail: 200, signal: end.signal }))
        if (news.type === 'lines') lines.add(news.items)
    })().catch((error: unknown) => !end.signal.aborted && sayWrong(error))
  }, [growing])
  useEffect(() => () => follows.current?.abort(), [])

  useEffect(() => {
    if (following && lines.total !== last.current) show(lines.total - 1, 'end')
    last.current = lines.total
  })
  useEffect(() => {
    if (marked !== null) show(Math.min(marked, lines.total) - 1, 'center')
  }, [marked])

  const stopLooking = (): void => {
    looking.current?.abort()
    looking.current = null
  }
  useEffect(() => stopLooking, [])
  const search = async (text: string, backwards: boolean): Promise<void> => {
    stopLooking()
    if (text === '') return
    const own = new AbortController()
    looking.current = own
    setFollowing(false)
    const from = found?.line ?? marked ?? (backwards ? lines.total + 1 : 0)
    const where = { from, backwards, total: lines.total }
    let painted = performance.now()
    const onLooked = (looked: number): void => {
      if (own.signal.aborted || performance.now() - painted < PAINT_MS) return
      painted = performance.now()
      setFound({ line: null, looked, ended: false })
    }
    try {
      const line = await searchLog(read, text, where, onLooked, own.signal)
      if (own.signal.aborted) return
      setFound({ line, looked: backwards ? from - 1 : lines.total - from, ended: true })
      if (line !== null) setMarked(line)
    } catch (error) {
      if (!own.signal.aborted) sayWrong(error)
    } finally {
      own.abort()
    }
  }
  const mark = useCallback((line: number): void => {
    setFollowing(false)
    setMarked(line)
    history.replaceState(null, '', `${location.pathname}${location.search}#L${line}`)
  }, [])
  return (
    <div class="log">
      <div class="log-tools row">
        <input
          type="search"
          aria-label="Search the log"
          placeholder="Search  Enter, Shift Enter"
          value={words}
          onInput={(event) => {
            stopLooking()
            setWords(event.currentTarget.value)
            setFound(null)
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            // What stands there now: what was just typed may not have been drawn yet.
            void search(event.currentTarget.value, event.shiftKey)
          }}
        />
        <span class="soft small" role="status">
          {found !== null && foundText(found)}
        </span>
        {found?.ended === false && (
          <button
            type="button"
            class="button plain small"
            onClick={() => {
              stopLooking()
              setFound(null)
            }}
          >
            Stop looking
          </button>
        )}
        {growing && (
          <label class="check">
            <input
              type="checkbox"
              checked={following}
              onChange={(event) => setFollowing(event.currentTarget.checked)}
            />
            Follow
          </label>
        )}
      </div>
      {lines.wrong !== null && (
        <Notice tone="warn">
          Lines are missing: {wrongText(lines.wrong)} They are asked for again in a moment.
        </Notice>
      )}
      <section
        ref={scroller}
        class="log-lines"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so by keyboard
        tabIndex={0}
        aria-label={`Output, ${lines.total} lines`}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div class="log-all" style={{ height: `${height}px` }}>
          {rows.map(({ row, at }) => (
            <Line
              key={row}
              number={row + 1}
              top={at}
              line={lines.line(row + 1)}
              marked={marked === row + 1}
              words={words}
              onMark={mark}
            />
          ))}
        </div>
      </section>
    </div>
  )
}

/** `ended` is false while it is still looked for. */
type Found = { readonly line: number | null; readonly looked: number; readonly ended: boolean }

function foundText({ line, looked, ended }: Found): string {
  if (line !== null) return `line ${line}`
  return ended ? `not found in ${countText(looked)} lines` : `looked through ${countText(looked)} lines …`
}

type LineProps = {
  readonly number: number
  readonly top: number
  readonly line: LogLine | undefined
  readonly marked: boolean
  readonly words: string
  readonly onMark: (line: number) => void
}

/** Scrolling draws only the lines that come into sight: `onMark` has to stay the same. */
const Line = memo(({ number, top, line, marked, words, onMark }: LineProps) => {
  const hit =
    words !== '' && line !== undefined && plainText(line.text).toLowerCase().includes(words.toLowerCase())
  return (
    <div
      class="log-line"
      data-stream={line?.stream}
      data-marked={marked || undefined}
      data-hit={hit || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <a
        href={`#L${number}`}
        tabIndex={-1}
        title={line === undefined ? undefined : inAll(Date.parse(line.at), undefined)}
        onClick={(event) => {
          event.preventDefault()
          onMark(number)
        }}
      >
        {number}
      </a>
      <span>
        {line === undefined
          ? '…'
          : spansOf(line.text.slice(0, SHOWN_MAX)).map(({ text, style }, n) => (
              <span key={n} class={style}>
                {text}
              </span>
            ))}
        {line !== undefined && (line.cut === true || line.text.length > SHOWN_MAX) && (
          <span class="soft"> … it is longer: the download has all of it</span>
        )}
      </span>
    </div>
  )
})
