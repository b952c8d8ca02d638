import { container, format, integer, pipeline, text, when } from '../../../pipelines/index.ts'

const image = 'python:alpine3.9'
const flip = container({ name: 'flip_coin', outputs: { output: text('') } }, ({ outputs }) => ({
  image,
  command: ['sh', '-c'],
  args: [
    `mkdir -p "$(dirname $0)" && python -c "import random; result = 'heads' if random.randint(0,1) == 0 else 'tails'; print(result, end='')" | tee $0`,
    outputs.output.file,
  ],
}))
const random = (low: string, high: string) =>
  container({ name: 'generate_random_number', outputs: { output: integer('') } }, ({ outputs }) => ({
    image,
    command: ['sh', '-c'],
    args: [
      `mkdir -p "$(dirname $2)" && python -c "import random; print(random.randint($0, $1), end='')" | tee $2`,
      low,
      high,
      outputs.output.file,
    ],
  }))
const print = container({ name: 'print', inputs: { msg: text('') } }, ({ inputs }) => ({
  image,
  command: ['echo', inputs.msg],
}))

export default pipeline(
  {
    name: 'conditional-execution-pipeline',
    displayName: 'Conditional execution pipeline.',
    description: 'Shows how to use dsl.Condition().',
  },
  () => {
    const flipped = flip().output
    when(flipped.is('heads'), () => {
      const number = random('0', '9')().output
      when(number.isMore(5), () => {
        print({ msg: format`heads and ${number} > 5!` })
      })
      when(number.isAtMost(5), () => {
        print({ msg: format`heads and ${number} <= 5!` })
      })
    })
    when(flipped.is('tails'), () => {
      const number = random('10', '19')().output
      when(number.isMore(15), () => {
        print({ msg: format`tails and ${number} > 15!` })
      })
      when(number.isAtMost(15), () => {
        print({ msg: format`tails and ${number} <= 15!` })
      })
    })
  },
)
