import { artifact, container, integer, number, pipeline, text } from '../../../pipelines/index.ts'

const any = artifact('any', '')
const model = artifact('model', '')
const upstream = container(
  {
    name: 'upstream',
    inputs: { input_1: text(''), input_2: number(''), input_3: any, input_4: text('') },
    outputs: {
      output_1: integer(''),
      output_2: model,
      output_3: any,
      output_4: model,
      output_5: any,
      output_6: any,
      output_7: any,
      output_8: artifact('html', ''),
      output_9: artifact('google.BQMLModel', ''),
    },
  },
  ({ inputs, outputs }) => ({
    image: 'gcr.io/image',
    args: [
      inputs.input_1,
      inputs.input_2,
      inputs.input_3.path,
      inputs.input_4,
      outputs.output_1.file,
      outputs.output_2.uri,
      outputs.output_3.path,
      outputs.output_4.uri,
      outputs.output_5.uri,
      outputs.output_6.path,
      outputs.output_7.path,
      outputs.output_8.path,
    ],
  }),
)
const downstream = container(
  {
    name: 'downstream',
    inputs: {
      input_a: integer(''),
      input_b: model,
      input_c: any,
      input_d: model,
      input_e: any,
      input_f: any,
      input_g: any,
      input_h: artifact('html', ''),
      input_i: artifact('google.BQMLModel', ''),
    },
  },
  ({ inputs }) => ({
    image: 'gcr.io/image',
    args: [
      inputs.input_a,
      inputs.input_b.uri,
      inputs.input_c.path,
      inputs.input_d.uri,
      inputs.input_e.uri,
      inputs.input_f.path,
      inputs.input_g.path,
      inputs.input_h.path,
    ],
  }),
)

export default pipeline(
  {
    name: 'pipeline-with-various-types',
    inputs: { input1: text(''), input3: any, input4: text({ help: '', default: '' }) },
  },
  ({ input1, input3, input4 }) => {
    const task = upstream({ input_1: input1, input_2: 3.1415926, input_3: input3, input_4: input4 })
    downstream({
      input_a: task.output_1,
      input_b: task.output_2,
      input_c: task.output_3,
      input_d: task.output_4,
      input_e: task.output_5,
      input_f: task.output_6,
      input_g: task.output_7,
      input_h: task.output_8,
      input_i: task.output_9,
    })
  },
)
