import { text } from './definition/index.ts'

/** Which part of many things a task takes, as core/shard.ts reads it. */
export function shardInput(help: string) {
  return text({ default: '1/1', pattern: '[1-9][0-9]*/[1-9][0-9]*', help, examples: ['2/4'] })
}
