import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Artifacts = Readonly<Record<string, readonly string[]>>
// biome-ignore lint/suspicious/noExplicitAny: what Python functions take is what the pipeline gives
export type Played = (inputs: Record<string, any>, artifacts: Artifacts) => unknown

const characters: Played = ({ ids, model_ids }) => (ids ?? model_ids).split(',')
const first: Played = inputs => Object.values(inputs)[0]
const FUNCTIONS: Readonly<Record<string, Played>> = {
  args_generator_op: () => [
    { A_a: 'heads', B_b: ['1'] },
    { A_a: '2', B_b: ['10'] },
  ],
  add: ({ nums, a, b }) => (nums ?? [a, b]).reduce((x: number, y: number) => x + y, 0),
  add_two_nums: ({ x, y }) => x + y,
  double: ({ num }) => 2 * num,
  consume_ids: ({ ids }) => ids.join('+'),
  fail_op: ({ message }) => {
    throw new Error(message)
  },
  flip_coin: () => 'heads',
  flip_coin_op: () => 'heads',
  flip_three_sided_die: () => 'draw',
  get_run_state: ({ status }) => status.state,
  int_0_to_9999: () => 5000,
  is_even_or_odd: ({ num }) => (num % 2 ? 'odd' : 'even'),
  prepend_id: ({ content }) => `id-${content}`,
  read_datasets: (_, { data = [] }) => data.join(''),
  read_single_file: (_, { file = [] }) => file.join(''),
  read_models: (_, { models = [] }) => models.join(' '),
  read_single_dataset_generate_model: ({ id }, { data = [] }) => `${data}${id}`,
  split_chars: characters,
  split_ids: characters,
  read_from_workspace: ({ file_path }) => readFileSync(file_path, 'utf8'),
  write_to_workspace: ({ workspace_path }) => {
    writeFileSync(join(workspace_path, 'data.txt'), 'kept')
    return join(workspace_path, 'data.txt')
  },
  cpu_limit: () => '4000m',
  memory_limit: () => '15G',
  accelerator_type: () => 'NVIDIA_TESLA_P4',
  accelerator_limit: () => '1',
  list_dict_maker_0: () => [{ a: 1, b: 2 }],
  list_dict_maker_1: () => [{ a: 3 }],
  list_dict_maker_2: () => [{ a: 5 }],
  list_dict_maker_3: () => [{ a: 7 }],
}

/** What the Python function of a component in the shared goldens does; one that is not known gives its first input back. */
export function played(name: string): Played {
  return FUNCTIONS[name] ?? first
}
