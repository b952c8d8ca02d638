import { defineStage, integer, secret } from '../../../components/definition/index.ts'

/** No shipped stage has a secret yet. This one tells it to everybody, as a careless stage might. */
export const toldSecret = defineStage({
  name: 'told-secret',
  description: 'Prints its secret.',
  inputs: { token: secret({ env: 'TOLD_TOKEN', help: 'What must not show.' }) },
  outputs: { length: integer('Its length.') },
  run: async () => ({
    default: async ({ inputs: { token }, log }) => {
      log.info(`the token is ${token}`)
      log.warn(`really ${token}`)
      return { parameters: { length: token.length }, summary: `told ${token}` }
    },
  }),
})
