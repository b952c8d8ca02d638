import { readFileSync } from 'node:fs'
import { compileDocuments, type Documents } from '../../pipelines/compiler/index.ts'
import { parseCompiled } from '../../pipelines/compiler/load/index.ts'
import { interfaceOf } from '../../pipelines/compiler/load/interface.ts'
import { loadComponent, pipeline } from '../../pipelines/index.ts'

/** How a loaded file is called: with its required inputs, or with every input passed through and every output returned. */
export type Way = 'required' | 'all'

/** Wraps a compiled file in a pipeline of one task, as kfp_wrap.py does. */
export function wrapped(file: string, way: Way): Documents {
  const { inputs } = interfaceOf(parseCompiled(readFileSync(file, 'utf8'), file))
  const passed = Object.entries(inputs).flatMap(([name, definition]) => {
    if (way === 'required' && definition.presence !== 'required') return []
    // The SDK forgets descriptions, and with them our choices, of what it loads.
    const { choices: _, ...kept } = { choices: undefined, ...definition }
    return [[name, { ...kept, help: '' }] as const]
  })
  const component = loadComponent(file)
  const definition = pipeline({ name: 'wrapper', inputs: Object.fromEntries(passed) }, references => {
    const task = component(references)
    return way === 'all' ? { ...task.outputs } : undefined
  })
  const { spec, platform } = compileDocuments(definition)
  return { spec, ...(platform && { platform }) }
}
