import { defineStage, integer } from '../../components/definition/index.ts'

/** Counts on and does nothing else: what its task takes is the runner's own. No two of a chain have the same inputs. */
export const step = defineStage({
  name: 'step',
  description: 'Counts on.',
  inputs: { count: integer('A number.') },
  outputs: { next: integer('The number after it.') },
  run: async () => ({
    default: async ({ inputs: { count } }) => {
      return { parameters: { next: count + 1 }, summary: `after ${count}` }
    },
  }),
})
