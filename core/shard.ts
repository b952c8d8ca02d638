import { PressroomError } from './errors.ts'

/**
 * Whether the thing of that number, from 0, belongs to a part such as `2/4`, which has every fourth from the second on.
 * @throws PressroomError `invalid-parameter` when there is no such part
 */
export function shardOf(shard: string): (index: number) => boolean {
  const [part, of] = shard.split('/').map(Number) as [number, number]
  if (part > of) {
    throw new PressroomError('invalid-parameter', `there is no shard ${shard}`, {
      fix: `name one from 1/${of} to ${of}/${of}`,
    })
  }
  return index => index % of === part - 1
}
