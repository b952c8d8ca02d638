import type { PipelineSpec } from '../specification.ts'
import { type Box, boxesOf } from './boxes.ts'

/** A pipeline as Mermaid text, which GitHub draws inside Markdown: groups are subgraphs. */
export function toMermaid(spec: PipelineSpec): string {
  const pipeline = boxesOf(spec)
  const lines = ['flowchart TD', ...content(pipeline, '  ')]
  return `${lines.join('\n')}\n`
}

function content({ members = [], edges }: Box, indent: string): string[] {
  return [
    ...members.flatMap(member => draw(member, indent)),
    ...edges.map(([from, to]) => `${indent}${from.id} --> ${to.id}`),
  ]
}

function draw(box: Box, indent: string): string[] {
  const label = [box.title, box.detail].filter(text => text !== '').map(entities)
  const text = `${box.id}["${label.join('<br/>')}"]`
  if (box.members === undefined) return [`${indent}${text}`]
  return [`${indent}subgraph ${text}`, ...content(box, `${indent}  `), `${indent}end`]
}

/** What could end the label, or be read as HTML, Markdown or an entity, as Mermaid's entity codes. */
function entities(text: string): string {
  return text.replaceAll(/["#<>&`\p{Cc}]/gu, character => `#${character.codePointAt(0)};`)
}
