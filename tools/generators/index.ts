import { actions } from './actions.ts'
import { bundles } from './bundles.ts'
import { components } from './components.ts'
import { examples } from './examples.ts'
import { pipelines } from './pipelines.ts'
import { reference } from './reference.ts'
import type { Generator } from './types.ts'

/** Everything that is generated and committed. */
export const GENERATORS: readonly Generator[] = [components, pipelines, reference, actions, bundles, examples]
