import {
  artifact,
  artifactList,
  boolean,
  concat,
  container,
  ifPresent,
  integer,
  list,
  number,
  struct,
  text,
} from '../../../pipelines/index.ts'

/** The containers of test/interop/kfp_goldens.py. */

const image = 'alpine'

export const coin = container(
  { name: 'coin', outputs: { face: text(''), n: integer(''), out: artifact('dataset', '') } },
  ({ outputs: { face, n, out } }) => ({ image, command: ['x'], args: [face.file, n.file, out.path] }),
)
export const op = container(
  { name: 'op', inputs: { word: text('') }, outputs: { out: text('') } },
  ({ inputs, outputs }) => ({ image, command: ['x', inputs.word], args: [outputs.out.file] }),
)
export const sink = container({ name: 'sink', inputs: { word: text('') } }, ({ inputs }) => ({
  image,
  command: ['x', inputs.word],
}))
export const num = container({ name: 'num', inputs: { n: integer('') } }, ({ inputs }) => ({
  image,
  command: ['x', inputs.n],
}))
export const gather = container({ name: 'gather', inputs: { words: list('') } }, ({ inputs }) => ({
  image,
  command: ['x', inputs.words],
}))
export const eat = container({ name: 'eat', inputs: { d: artifact('dataset', '') } }, ({ inputs }) => ({
  image,
  command: ['x', inputs.d.path],
}))
export const feast = container(
  { name: 'feast', inputs: { ds: artifactList('dataset', '') } },
  ({ inputs }) => ({ image, command: ['x', inputs.ds] }),
)
export const lister = container(
  { name: 'lister', outputs: { l: list({ help: '', of: 'integer' }) } },
  ({ outputs }) => ({ image, command: ['x', outputs.l.file] }),
)
export const weigh = container(
  {
    name: 'weigh',
    inputs: {
      share: number(''),
      extra: struct(''),
      fine: boolean({ help: '', default: true }),
      maybe: text({ help: '', optional: true }),
    },
  },
  ({ inputs }) => ({
    image,
    command: [
      'x',
      inputs.share,
      inputs.extra,
      ifPresent('maybe', ['--maybe', concat('é', inputs.maybe)]),
    ],
  }),
)
