import type { Box } from './boxes.ts'

/** Where things stand, in pixels from the top left corner of the box around them. */
export interface Placed {
  readonly box: Box
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly members: readonly Placed[]
  readonly edges: readonly Edge[]
}

/** The points that an edge goes through, from the lower rim of a box to the upper rim of another. */
export type Edge = readonly (readonly [x: number, y: number])[]

const LINE = 16
const PADDING = 14
const GAP = 28
/** Between layers: room for the edges to bend. */
const STEP = 40
/** Where an edge passes a layer. */
const LANE = 12
/** Of a layer; what does not fit goes into the next one, so that a hundred equal tasks make rows and no ribbon. */
const WIDEST = 1600

/** Rounds of moving each box next to its neighbours: more change little. */
const ROUNDS = 8

/** A box, or where an edge passes a layer between its ends. */
interface Item {
  readonly placed: Placed | undefined
  readonly width: number
  readonly height: number
  readonly above: Item[]
  readonly below: Item[]
  x: number
  y: number
  /** That of its layer: edges go straight down to it, past taller neighbours. */
  bottom: number
}

/**
 * Places a box's members in layers, each below all it waits for (Sugiyama, Tagawa and Toda, "Methods for visual
 * understanding of hierarchical system structures", 1981): longest path for the layers, the mean of the neighbours'
 * places for the order in them.
 */
export function place(box: Box): Placed {
  const header = box.detail === '' ? LINE : 2 * LINE
  const own = Math.max(textWidth(box.title), textWidth(box.detail))
  if (box.members === undefined) {
    const size = { width: own + 2 * PADDING, height: header + PADDING }
    return { box, x: 0, y: 0, ...size, members: [], edges: [] }
  }
  const { items, layers, chains } = layered(box)
  for (let round = 0; round < ROUNDS; round++) {
    for (const layer of round % 2 === 0 ? layers : layers.toReversed()) {
      arrange(layer, round % 2 === 0 ? item => item.above : item => item.below)
    }
  }
  const all = layers.flat()
  const left = Math.min(0, ...all.map(item => item.x - item.width / 2))
  const right = Math.max(0, ...all.map(item => item.x + item.width / 2))
  let y = header + 1.5 * PADDING
  for (const layer of layers) {
    const height = Math.max(...layer.map(item => item.height))
    for (const item of layer) {
      item.y = y
      item.bottom = y + height
    }
    y += height + STEP
  }
  const width = Math.max(right - left, own) + 2 * PADDING
  const shift = (width - (right - left)) / 2 - left
  return {
    box,
    x: 0,
    y: 0,
    width,
    height: (layers.length > 0 ? y - STEP : y) + PADDING,
    members: [...items.values()].map(item => {
      return { ...item.placed!, x: item.x + shift - item.width / 2, y: item.y }
    }),
    edges: chains.map(chain => pointsOf(chain, shift)),
  }
}

/** An estimate on the wide side for a sans-serif face of 13 pixels: no renderer is asked. */
function textWidth(text: string): number {
  return [...text].reduce((sum, character) => sum + (/[^\p{ASCII}]/u.test(character) ? 13 : 7.4), 0)
}

function layered(box: Box) {
  const members = box.members ?? []
  const above = new Map<Box, Box[]>(members.map(member => [member, []]))
  const below = new Map<Box, Box[]>(members.map(member => [member, []]))
  for (const [from, to] of box.edges) {
    above.get(to)!.push(from)
    below.get(from)!.push(to)
  }
  const depth = new Map<Box, number>()
  const widths: number[] = []
  const placed = new Map(members.map(member => [member, place(member)]))
  const waiting = new Map(members.map(member => [member, above.get(member)!.length]))
  const ready = members.filter(member => waiting.get(member) === 0)
  // The list grows while it is walked.
  for (const member of ready) {
    const width = placed.get(member)!.width + GAP
    let layer = Math.max(-1, ...above.get(member)!.map(each => depth.get(each)!)) + 1
    while ((widths[layer] ?? 0) > 0 && widths[layer]! + width > WIDEST) layer += 1
    widths[layer] = (widths[layer] ?? 0) + width
    depth.set(member, layer)
    for (const next of below.get(member)!) {
      waiting.set(next, waiting.get(next)! - 1)
      if (waiting.get(next) === 0) ready.push(next)
    }
  }
  const layers: Item[][] = []
  const put = (layer: number, placed?: Placed): Item => {
    const size = placed ?? { width: LANE, height: 0 }
    const { width, height } = size
    const item: Item = { placed, width, height, above: [], below: [], x: 0, y: 0, bottom: 0 }
    layers[layer] ??= []
    layers[layer].push(item)
    return item
  }
  const items = new Map(ready.map(member => [member, put(depth.get(member)!, placed.get(member))]))
  const chains = box.edges.flatMap(([from, to]) => {
    const ends = [items.get(from), items.get(to)]
    if (ends[0] === undefined || ends[1] === undefined) return []
    const chain = [ends[0]]
    for (let layer = depth.get(from)! + 1; layer < depth.get(to)!; layer++) chain.push(put(layer))
    chain.push(ends[1])
    for (const [i, item] of chain.slice(1).entries()) {
      chain[i]!.below.push(item)
      item.above.push(chain[i]!)
    }
    return [chain]
  })
  return { items, layers, chains }
}

/** Puts each item of a layer near the mean of its neighbours, in their order, without overlaps, the layer centred. */
function arrange(layer: Item[], neighbours: (item: Item) => readonly Item[]): void {
  const wanted = new Map(
    layer.map(item => {
      const near = neighbours(item)
      return [item, near.length === 0 ? item.x : near.reduce((sum, each) => sum + each.x, 0) / near.length]
    }),
  )
  layer.sort((a, b) => wanted.get(a)! - wanted.get(b)!)
  let edge = Number.NEGATIVE_INFINITY
  let moved = 0
  for (const item of layer) {
    item.x = Math.max(wanted.get(item)!, edge + GAP + item.width / 2)
    edge = item.x + item.width / 2
    moved += item.x - wanted.get(item)!
  }
  for (const item of layer) item.x -= moved / layer.length
}

function pointsOf(chain: readonly Item[], shift: number): Edge {
  return chain.flatMap((item, i): (readonly [number, number])[] => {
    const x = item.x + shift
    const from: readonly [number, number] = [x, i === 0 ? item.y + item.height : item.y]
    return i === chain.length - 1 ? [from] : [from, [x, item.bottom]]
  })
}
