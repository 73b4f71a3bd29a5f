// How long the last runs took, and how they ended.

import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Run } from '../../../../src/sdk/index.ts'
import { durationText, relativeText, wallTime } from '../../time/format.ts'
import { zoneFor, zoneMode } from '../../time/zone-mode.ts'

const HEIGHT = 120

export function Durations({
  runs,
  zone,
}: {
  readonly runs: readonly Run[]
  readonly zone: string | undefined
}) {
  const place = useRef<HTMLDivElement>(null)
  const ended = runs
    .filter(({ startedAt, finishedAt }) => startedAt !== null && finishedAt !== null)
    .toReversed()
  const took = ended.map(({ startedAt, finishedAt }) => Date.parse(finishedAt!) - Date.parse(startedAt!))
  const shown = zoneFor(zoneMode.value, zone)
  const label = (at: number): string =>
    zoneMode.value === 'relative' ? relativeText(at, Date.now()) : wallTime(at, shown).time.slice(0, 5)
  const key = `${ended.at(-1)?.id} ${ended.length} ${shown} ${zoneMode.value}`
  useEffect(() => {
    const root = place.current
    if (root === null) return
    const style = getComputedStyle(root)
    const colour = (name: string): string => style.getPropertyValue(name)
    const make = (): uPlot =>
      new uPlot(
        options(root.clientWidth, label, style.color, colour('--chart')),
        [ended.map(({ dueAt }) => Date.parse(dueAt) / 1_000), took],
        root,
      )
    let plot = make()
    const observer = new ResizeObserver(() => {
      if (Math.abs(plot.width - root.clientWidth) > 2)
        plot.setSize({ width: root.clientWidth, height: HEIGHT })
    })
    observer.observe(root)
    const theme = new MutationObserver(() => {
      plot.destroy()
      plot = make()
    })
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    return () => {
      observer.disconnect()
      theme.disconnect()
      plot.destroy()
    }
  }, [key])
  const sorted = took.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    durationText(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  const good = ended.filter(({ status }) => status === 'succeeded').length
  return (
    <figure>
      <div
        ref={place}
        class="durations"
        role="img"
        aria-label={`Durations of the last ${ended.length} runs: half took at most ${at(0.5)}`}
      />
      <figcaption class="soft small">
        last {ended.length}: half within {at(0.5)}, 95 % within {at(0.95)},{' '}
        {Math.round((good / ended.length) * 100)} % succeeded
      </figcaption>
    </figure>
  )
}

function options(width: number, label: (at: number) => string, ink: string, line: string): uPlot.Options {
  const axis = { stroke: ink, grid: { show: false }, ticks: { show: false }, font: '11px system-ui' }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      {
        ...axis,
        size: 22,
        values: (_, ticks) => ticks.map((at) => label(at * 1_000)),
      },
      { ...axis, size: 52, values: (_, ticks) => ticks.map(durationText), space: 34 },
    ],
    series: [
      {},
      { stroke: line, width: 1.5, points: { show: true, size: 5, fill: line }, fill: undefined as never },
    ],
  }
}
