import { BarChart, CustomChart, HeatmapChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, VisualMapComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { digestBytes } from '../storage/digest.ts'
import { html } from './html.ts'
import { formatFixedShare } from './numbers.ts'
import { shorten } from './shorten.ts'

use([
  BarChart,
  CustomChart,
  HeatmapChart,
  LineChart,
  GridComponent,
  LegendComponent,
  VisualMapComponent,
  SVGRenderer,
])

/** A chart of a page: its SVG, and what it shows in a sentence for whoever does not see it. */
export interface Chart {
  readonly svg: string
  readonly description: string
}

export interface Axis {
  readonly name: string
  /** From the data when left out. */
  readonly min?: number
  readonly max?: number
  /** Only as much of the axis as the data span, 0 or not. */
  readonly scale?: true
  /** Least distance between two marks: 1 of an axis that counts. */
  readonly minInterval?: number
  /** How a mark's value is written; about seven characters have room. */
  readonly format?: (value: number) => string
}

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly dashed?: true
}

// Okabe and Ito's colours, told apart by whoever sees colours differently (jfly.uni-koeln.de/color).
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f']
/** Colours that the page decides, so that a chart is readable on light and dark. */
const INK = 'currentColor'
const RULE = 'rgba(128,128,128,.3)'
const FONT = 'system-ui, sans-serif'

/** Pixels that names of a category axis have, by the widths that the library takes the font to have. */
const NAMES = { bars: 148, spreads: 188 }
/** Helvetica's widths. A reader's own sans-serif is up to a quarter wider, and what does not fit would be cut off without a sign. */
const roomFor = (width: number) => Math.ceil(1.25 * width) + 12

/** Pixels. */
const LEGEND_TEXT = 14

const axisStyle = {
  nameLocation: 'middle',
  nameTextStyle: { color: INK },
  axisLabel: { color: INK },
  axisLine: { lineStyle: { color: RULE } },
  splitLine: { lineStyle: { color: RULE } },
}

/** Lines over two numeric axes, `width × height` pixels. */
export function lineChart(
  lines: readonly Line[],
  { x, y, description, width = 480, height = 360 }: ChartOptions & { readonly x: Axis; readonly y: Axis },
): Chart {
  const rows = legendRows(lines, width)
  // Long names end beyond where the library takes them to end. The gap is that between rows, too.
  const itemGap = rows > 1 ? 24 : 10
  const legend = rows * (LEGEND_TEXT + itemGap)
  return draw(width, height - (LEGEND_TEXT + 10) + legend, description, {
    color: COLOURS,
    legend: {
      bottom: 0,
      type: 'plain',
      textStyle: { color: INK },
      formatter: legendName,
      itemGap,
    },
    grid: { left: 56, right: 16, top: 16, bottom: 48 + legend },
    xAxis: { type: 'value', nameGap: 28, ...valueAxis(x) },
    yAxis: { type: 'value', nameGap: 40, ...valueAxis(y) },
    series: lines.map(({ name, points, dashed }) => ({
      type: 'line',
      name,
      data: points.map(point => [...point]),
      symbol: points.length > 40 || dashed ? 'none' : 'circle',
      lineStyle: { width: 2, ...(dashed && { type: 'dashed', color: RULE }) },
      ...(dashed && { itemStyle: { color: RULE } }),
    })),
  })
}

const legendName = (name: string) => shorten(name, 24)

/** How many rows its names take, each with a sign and a gap of 40 pixels; the library sets them wherever they end, over the axis too. */
function legendRows(lines: readonly Line[], width: number): number {
  let rows = 1
  let used = 0
  for (const { name } of lines) {
    const own = 40 + 7 * [...legendName(name)].length
    if (used > 0 && used + own > width) {
      rows++
      used = 0
    }
    used += own
  }
  return rows
}

function valueAxis({ format, ...axis }: Axis) {
  return { ...axis, ...axisStyle, axisLabel: { color: INK, ...(format && { formatter: format }) } }
}

/** Horizontal bars, the first on top; shares from 0 to 1 unless `max` says otherwise. */
export function barChart(
  bars: readonly { readonly name: string; readonly value: number }[],
  {
    max = 1,
    description,
    width = 480,
    height = 40 + 24 * bars.length,
  }: ChartOptions & { readonly max?: number },
): Chart {
  return draw(width, height, description, {
    color: COLOURS,
    grid: { left: roomFor(NAMES.bars), right: 48, top: 8, bottom: 28 },
    xAxis: { type: 'value', min: 0, max, ...axisStyle },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ name }) => name),
      ...axisStyle,
      axisLabel: { color: INK, width: NAMES.bars, overflow: 'truncate' },
    },
    series: [
      {
        type: 'bar',
        data: bars.map(({ value }) => value),
        label: {
          show: true,
          position: 'right',
          color: INK,
          formatter: ({ value }: { value: number }) => formatFixedShare(value),
        },
      },
    ],
  })
}

/** A value with what it lies between, on a line of its own. */
export interface Spread {
  readonly name: string
  readonly value: number
  readonly low: number
  readonly high: number
  readonly emphasised?: true
}

/** Points with a bar from low to high, the first on top; the axis shows what they span, so that near ones can be told apart. */
export function spreadChart(
  spreads: readonly Spread[],
  {
    name,
    description,
    width = 480,
    height = 64 + 24 * spreads.length,
  }: ChartOptions & { readonly name: string },
): Chart {
  return draw(width, height, description, {
    grid: { left: roomFor(NAMES.spreads), right: 48, top: 8, bottom: 48 },
    xAxis: { type: 'value', scale: true, name, nameGap: 28, ...axisStyle },
    yAxis: {
      type: 'category',
      inverse: true,
      data: spreads.map(({ name }) => name),
      ...axisStyle,
      axisLabel: { color: INK, width: NAMES.spreads, overflow: 'truncate', interval: 0 },
    },
    series: [
      {
        type: 'custom',
        data: spreads.map(({ value, low, high }, i) => [low, value, high, i]),
        encode: { x: [0, 1, 2], y: 3 },
        renderItem: (
          _: unknown,
          { value, coord }: { value(at: number): number; coord(at: number[]): number[] },
        ) => {
          const colour = COLOURS[spreads[value(3)]!.emphasised ? 1 : 0]
          const [from, at, to] = [0, 1, 2].map(k => coord([value(k), value(3)])) as [
            number[],
            number[],
            number[],
          ]
          const y = at[1]!
          return {
            type: 'group',
            children: [
              {
                type: 'rect',
                shape: { x: from[0], y: y - 4, width: to[0]! - from[0]!, height: 8 },
                style: { fill: colour, opacity: 0.35 },
              },
              { type: 'circle', shape: { cx: at[0], cy: y, r: 5 }, style: { fill: colour } },
            ],
          }
        },
      },
    ],
  })
}

/** Counts as a square of cells, a row a true class and a column a predicted one; a cell is as dark as its share of the row. */
export function matrixChart(
  labels: readonly string[],
  counts: readonly (readonly number[])[],
  { description, width, height }: ChartOptions,
): Chart {
  const side = Math.min(900, 160 + 56 * labels.length)
  const cells = counts.flatMap((row, truth) => {
    const rows = Math.max(
      1,
      row.reduce((a, b) => a + b, 0),
    )
    return row.map((count, predicted) => ({
      value: [predicted, truth, count / rows],
      label: { formatter: String(count), color: count / rows > 0.5 ? '#fff' : INK },
    }))
  })
  const category = { type: 'category', data: [...labels], ...axisStyle, splitLine: { show: false } }
  const numbered = labels.length <= 25
  const slanted = labels.length > 6
  return draw(width ?? side, height ?? side - 40, description, {
    grid: { left: 128, right: 16, top: 16, bottom: slanted ? 104 : 56 },
    xAxis: {
      ...category,
      name: 'predicted',
      nameGap: slanted ? 84 : 32,
      axisLabel: {
        color: INK,
        rotate: slanted ? 60 : 0,
        width: 90,
        overflow: 'truncate',
        interval: 0,
      },
    },
    yAxis: {
      ...category,
      name: 'true',
      nameGap: 104,
      inverse: true,
      axisLabel: { color: INK, width: 90, overflow: 'truncate', interval: 0 },
    },
    visualMap: {
      show: false,
      min: 0,
      max: 1,
      dimension: 2,
      inRange: { color: ['rgba(0,114,178,.04)', 'rgba(0,114,178,1)'] },
    },
    series: [{ type: 'heatmap', data: cells, label: { show: numbered } }],
  })
}

interface ChartOptions {
  /** What the chart shows, in a sentence. */
  readonly description: string
  /** Pixels. */
  readonly width?: number
  readonly height?: number
}

function draw(width: number, height: number, description: string, option: EChartsCoreOption): Chart {
  const chart = init(null, undefined, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: 'transparent',
      textStyle: { fontFamily: FONT, color: INK },
      ...option,
    })
    return { svg: accessible(chart.renderToSVGString(), description), description }
  } finally {
    chart.dispose()
  }
}

/**
 * The library numbers its classes for hovering, and the shapes it cuts lines off by, through the whole process: without the ones, and
 * with the others named by what is drawn, the same data always give the same bytes, and no two charts of a page share a name.
 * What the picture shows becomes its name.
 */
function accessible(svg: string, description: string): string {
  const plain = svg
    .replaceAll(/ class="zr[^"]*"/g, '')
    .replace(/<style[^>]*>[\s\S]*?<\/style>/, '')
    .replaceAll(/(?<= id="|url\(#)zr\d+-/g, 'zr-')
  const name = html`${description}`.text
  const digest = digestBytes(plain).slice('sha256:'.length, 15)
  return plain
    .replaceAll(/(?<= id="|url\(#)zr-/g, `zr${digest}-`)
    .replace('<svg ', () => `<svg role="img" aria-label="${name}" `)
}

/** The chart as a file of its own, in its own colours: nothing around it says what ground it is on. */
export function standalone({ svg }: Chart): string {
  return `${svg.replace('<svg ', '<svg style="background:#fff;color:#16202c" ')}\n`
}
