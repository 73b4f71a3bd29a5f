// The timeline of a history as one file that needs nothing else: lanes to scroll and to zoom, findings to jump to.

import type { Verdict } from '../checker/check.ts'
import type { History } from '../checker/history.ts'
import { describeFinding, INVARIANTS } from '../checker/verdict.ts'
import { type Lane, lanesOf, type Mark } from './lanes.ts'

const FINDINGS_MAX = 200

export function timelinePage(title: string, history: History, verdict: Verdict): string {
  const lanes = lanesOf(history, verdict)
  const all = lanes.flatMap(({ rows }) => rows.flat())
  const from = Math.min(...history.starts.map(({ at }) => at), ...all.map((mark) => mark.from))
  const to = Math.max(history.book.readAt, ...all.map((mark) => mark.to))
  const place = (at: number): string => (((at - from) / (to - from)) * 100).toFixed(4)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>${STYLE}</style>
<header>
  <h1>${text(title)}</h1>
  <p class="${verdict.valid ? 'good' : 'bad-text'}">${verdict.valid ? 'valid' : `${verdict.findings.length} findings`}</p>
  <p>${text(new Date(from).toISOString())}, ${((to - from) / 1_000).toFixed(1)} s</p>
  <p class="zoom"><button data-by="0.5">−</button><button data-by="2">+</button></p>
</header>
${findingsList(verdict, place)}
<main>
  <div class="names">${lanes.map(laneName).join('')}</div>
  <div class="scroll"><div class="time">
    ${seconds(from, to, place)}
    ${lanes.map((lane) => laneBody(lane, place)).join('\n')}
  </div></div>
</main>
<details><summary>Figures</summary><pre>${text(JSON.stringify(verdict.figures, null, 2))}</pre></details>
<footer>${LEGEND.map(([kind, says]) => `<span><i class="${kind}"></i>${says}</span>`).join('')}</footer>
<script>${SCRIPT}</script>
</html>
`
}

function findingsList({ findings }: Verdict, place: (at: number) => string): string {
  if (findings.length === 0) return ''
  const items = findings.slice(0, FINDINGS_MAX).map((one) => {
    const broken = text(INVARIANTS[one.invariant])
    const jump = one.at === null ? '' : ` data-at="${place(one.at)}"`
    return `<li><button title="${broken}"${jump}>${text(describeFinding(one))}</button></li>`
  })
  return `<ol class="findings">${items.join('')}</ol>`
}

function laneName({ name, rows }: Lane): string {
  return `<div style="height:${heightOf(rows.length)}px">${text(name)}</div>`
}

function laneBody({ rows }: Lane, place: (at: number) => string): string {
  const marks = rows.flatMap((row, n) => row.map((mark) => markOf(mark, n, place)))
  return `<section style="height:${heightOf(rows.length)}px">${marks.join('')}</section>`
}

const ROW_PX = 9

function heightOf(rows: number): number {
  return Math.max(2, rows) * ROW_PX + 8
}

function markOf({ from, to, kind, says, back }: Mark, row: number, place: (at: number) => string): string {
  const width = (Number(place(to)) - Number(place(from))).toFixed(4)
  const top = back === true ? '' : `top:${4 + row * ROW_PX}px;`
  const shown = `${says}\n${new Date(from).toISOString().slice(11, 23)}${to > from ? ` + ${to - from} ms` : ''}`
  const word = back === true ? `<b>${text(says)}</b>` : ''
  const shape = to > from ? `width:${width}%` : ''
  const kinds = `${kind}${back === true ? ' back' : ''}${to > from ? '' : ' moment'}`
  return `<i class="${kinds}" style="left:${place(from)}%;${top}${shape}" title="${text(shown)}">${word}</i>`
}

function seconds(from: number, to: number, place: (at: number) => string): string {
  const marks: string[] = []
  for (let at = Math.ceil(from / 5_000) * 5_000; at < to; at += 5_000)
    marks.push(`<u style="left:${place(at)}%">${new Date(at).toISOString().slice(14, 19)}</u>`)
  return `<div class="ruler">${marks.join('')}</div>`
}

function text(raw: string): string {
  return raw.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

const LEGEND = [
  ['fault', 'fault'],
  ['ok', 'attempt or run that went well'],
  ['error', 'failed'],
  ['lost', 'lost'],
  ['missed', 'skipped or missed'],
  ['ring', 'ring'],
  ['again', 'further ring'],
  ['owed', 'owed'],
  ['bad', 'finding'],
] as const

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --text: light-dark(#222, #ddd) }
body { margin: 0; font: 13px/1.4 system-ui, sans-serif; color: var(--text); background: light-dark(#fff, #17181a) }
header { display: flex; gap: 1.5em; align-items: baseline; padding: .6em 1em; flex-wrap: wrap }
h1 { font-size: 1.2em; margin: 0 } header p { margin: 0 }
.good { color: light-dark(#187a3c, #6fcf97); font-weight: 600 } .bad-text { color: light-dark(#b3261e, #ff8a80); font-weight: 600 }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; cursor: pointer }
.zoom button { width: 2.2em }
.findings { max-height: 11em; overflow: auto; margin: 0 1em .8em; padding: .4em 0 .4em 2.6em; border: 1px solid var(--line); border-radius: 6px }
.findings button { border: 0; text-align: left; padding: 0; font: 12px ui-monospace, monospace }
main { display: flex; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line) }
.names { flex: 0 0 8em; padding-top: 18px; border-right: 1px solid var(--line) }
.names div, section { box-sizing: border-box; border-top: 1px solid var(--line) } .names div { padding: 3px 8px; overflow: hidden; white-space: nowrap }
.scroll { overflow-x: auto; flex: 1 } .time { position: relative; min-width: 100% }
.ruler { position: relative; height: 18px } .ruler u { position: absolute; font-size: 10px; text-decoration: none; border-left: 1px solid var(--line); padding-left: 3px; opacity: .7 }
section { position: relative; overflow: hidden }
i { position: absolute; display: block; height: 7px; min-width: 2px; border-radius: 2px; background: #888 }
i.moment { width: 2px; margin-left: -1px } i.back { top: 0; bottom: 0; height: auto; border-radius: 0 } i b { font: 600 10px system-ui; padding: 0 3px; white-space: nowrap; color: var(--text) }
.fault { background: #e0484833 } .paused { background: #8883 } .ok, .succeeded { background: #3d9a5f } .error, .failed, .timeout { background: #d9822b }
.lost, .unknown { background: #c2352b } .cancelled, .refused { background: #7a5ea8 } .missed, .skipped { background: #b9a03f } .open { background: #4a90d9 }
.start { background: #4a90d9 } .ring { background: #2f7fc1 } .again { background: #c026a3 } .told { background: #3d9a5f } .owed { background: #777 }
.bad { background: #ff1f1f; width: 4px !important } .call-ok { background: #3d9a5f } .call-unknown { background: #d9822b } .call-refused { background: #b9a03f }
details { padding: .6em 1em } footer { display: flex; gap: 1.4em; flex-wrap: wrap; padding: .6em 1em 1.2em }
footer span { display: flex; gap: .5em; align-items: center } footer i { position: static; width: 14px !important }
`

const SCRIPT = `
const scroll = document.querySelector('.scroll'), time = document.querySelector('.time')
let zoom = 1
const set = (next, share) => {
  zoom = Math.max(1, Math.min(400, next))
  time.style.width = zoom * 100 + '%'
  scroll.scrollLeft = share * time.scrollWidth - scroll.clientWidth / 2
}
const middle = () => (scroll.scrollLeft + scroll.clientWidth / 2) / time.scrollWidth
for (const button of document.querySelectorAll('[data-by]')) button.onclick = () => set(zoom * Number(button.dataset.by), middle())
for (const button of document.querySelectorAll('[data-at]')) button.onclick = () => set(Math.max(zoom, 12), Number(button.dataset.at) / 100)
scroll.addEventListener('wheel', (event) => {
  if (!event.ctrlKey) return
  event.preventDefault()
  set(zoom * (event.deltaY < 0 ? 1.25 : 0.8), middle())
}, { passive: false })
`
