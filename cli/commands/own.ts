import type { Command } from '../command.ts'

/**
 * The commands that are no stages, in the order help lists them, each loaded by itself: most command lines name one and
 * need no other.
 */
export const OWN_COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up/command.ts')).up,
  run: async () => (await import('./run/command.ts')).run,
  runs: async () => (await import('./runs/command.ts')).runs,
  cache: async () => (await import('./cache/command.ts')).cache,
  compile: async () => (await import('./compile/command.ts')).compile,
  generate: async () => (await import('./generate/command.ts')).generate,
  types: async () => (await import('./types/command.ts')).types,
  kubeflow: async () => (await import('./kubeflow/command.ts')).kubeflow,
  vertex: async () => (await import('./vertex/command.ts')).vertex,
  import: async () => (await import('./import/command.ts')).importCommand,
  models: async () => (await import('./models/command.ts')).models,
  tag: async () => (await import('./tag/command.ts')).tag,
  deploy: async () => (await import('./deploy/command.ts')).deploy,
  webhook: async () => (await import('./webhook/command.ts')).webhook,
  serve: async () => (await import('./serve/command.ts')).serve,
  deployer: async () => (await import('./deployer/command.ts')).deployer,
}
