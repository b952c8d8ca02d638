import type { PipelineSpec } from '../specification.ts'
import { boxesOf } from './boxes.ts'
import { type Edge, type Placed, place } from './layout.ts'

const STYLE = `
    .pipeline { color-scheme: light dark; background: #fff; font: 13px system-ui, sans-serif }
    .pipeline .group { fill: #f3f5f8; stroke: #9aa5b4 }
    .pipeline .task { fill: #fff; stroke: #44546a }
    .pipeline .edge { fill: none; stroke: #44546a; stroke-width: 1.3 }
    .pipeline .tip { fill: #44546a }
    .pipeline text { fill: #16202c }
    .pipeline .detail { fill: #4d5b6b; font-size: 12px }
    .pipeline .title { font-weight: 600 }
    .pipeline a:hover rect, .pipeline a:focus-visible rect { stroke-width: 3 }
    @media (prefers-color-scheme: dark) {
      .pipeline { background: #12161c }
      .pipeline .group { fill: #1b2129; stroke: #5b6878 }
      .pipeline .task { fill: #262e39; stroke: #93a4b8 }
      .pipeline .edge { stroke: #93a4b8 }
      .pipeline .tip { fill: #93a4b8 }
      .pipeline text { fill: #e8edf3 }
      .pipeline .detail { fill: #aab7c6 }
    }`

const MARGIN = 12
const LINE = 16

/**
 * A pipeline as an SVG picture that follows the reader's light or dark scheme: groups are boxes, time runs downward.
 * @param href where a task's box leads, by its path; nowhere for undefined
 */
export function toSvg(
  spec: PipelineSpec,
  href: (path: string) => string | undefined = () => undefined,
): string {
  const placed = place(boxesOf(spec))
  const width = Math.ceil(placed.width + 2 * MARGIN)
  const height = Math.ceil(placed.height + 2 * MARGIN)
  const title = xml(placed.box.title)
  const lines = draw(placed, MARGIN, MARGIN, '  ', href)
  // What is in an image is no content of its own, so that its links would be lost to screen readers.
  const role = lines.some(line => line.includes('<a ')) ? 'group' : 'img'
  return `<svg xmlns="http://www.w3.org/2000/svg" class="pipeline" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="${role}" aria-label="${title}">
  <title>${title}</title>
  <style>${STYLE}
  </style>
  <defs>
    <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker>
  </defs>
${lines.join('\n')}
</svg>
`
}

function draw(
  { box, x, y, width, height, members, edges }: Placed,
  dx: number,
  dy: number,
  indent: string,
  href: (path: string) => string | undefined,
): string[] {
  const left = x + dx
  const top = y + dy
  const kind = box.members === undefined ? 'task' : 'group'
  const middle = round(left + width / 2)
  const lines = [box.title, box.detail].filter(text => text !== '')
  const texts = lines.map((text, i) => {
    const style = i > 0 ? ' class="detail"' : kind === 'group' ? ' class="title"' : ''
    return `${indent}<text x="${middle}" y="${round(top + 19 + i * LINE)}" text-anchor="middle"${style}>${xml(text)}</text>`
  })
  const link = kind === 'task' ? href(box.path) : undefined
  const shape = [
    `${indent}<rect class="${kind}" data-task="${xml(box.path)}" x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="6"/>`,
    ...texts,
  ]
  return [
    ...(link === undefined ? shape : [`${indent}<a href="${xml(link)}">`, ...shape, `${indent}</a>`]),
    ...edges.map(edge => `${indent}<path class="edge" marker-end="url(#tip)" d="${path(edge, left, top)}"/>`),
    ...members.flatMap(member => draw(member, left, top, `${indent}  `, href)),
  ]
}

/** A smooth line that leaves and arrives downward. */
function path(edge: Edge, dx: number, dy: number): string {
  const points = edge.map(([x, y]) => [x + dx, y + dy] as const)
  return points
    .map(([x, y], i) => {
      const before = points[i - 1]
      if (before === undefined) return `M${round(x)} ${round(y)}`
      const half = round((before[1] + y) / 2)
      return `C${round(before[0])} ${half} ${round(x)} ${half} ${round(x)} ${round(y)}`
    })
    .join('')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Text as XML; control characters that XML 1.0 cannot hold become a mark. */
function xml(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD')
    .replaceAll(/[&<>"]/g, character => `&#${character.codePointAt(0)};`)
}
