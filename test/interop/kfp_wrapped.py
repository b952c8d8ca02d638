"""Compiles a component and a pipeline with the Python SDK, and pipelines that load them again, for
test/pipelines/load-component.test.ts to compare with what loadComponent() makes of the same files.

    python kfp_wrapped.py FOLDER

Needs `pip install kfp==2.17.0 kfp-kubernetes==2.17.0`.
"""

import pathlib
import sys
from typing import NamedTuple, Optional

from kfp import compiler, components, dsl, kubernetes


@dsl.container_component
def toss(sides: int, face: dsl.OutputPath(str), log: dsl.Output[dsl.Dataset], note: str = 'none'):
    return dsl.ContainerSpec(
        image='alpine',
        command=['toss', sides],
        args=[face, log.path, dsl.IfPresentPlaceholder('note', then=['--note', note])])


@dsl.container_component
def paint(colour: str):
    return dsl.ContainerSpec(image='alpine', command=['paint', colour])


@dsl.container_component
def report(face: str, note: str):
    return dsl.ContainerSpec(image='alpine', command=['report', face, note])


# The SDK takes the parts of a loaded file in the order of a hash table, another one each time, and may give what it
# tells Kubernetes of one executor to another of that name: parts that could clash so would make another golden each time.
@dsl.pipeline(name='shelf', description='Tosses, and keeps a log.')
def shelf(log: dsl.Input[dsl.Dataset], sides: int, words: list = ['a', 'b'], share: Optional[float] = None,
          deep: dict = {'k': [1, {'y': 'yes'}]}) -> NamedTuple('Outputs', [('face', str), ('kept', dsl.Dataset)]):
    first = toss(sides=sides).set_retry(2).set_caching_options(False)
    with dsl.ParallelFor(words, parallelism=2) as word:
        inner = paint(colour=word)
        kubernetes.add_node_selector(inner, 'disk', 'ssd')
    with dsl.If(first.outputs['face'] == 'heads'):
        last = report(face=first.outputs['face'], note='deep')
        kubernetes.use_secret_as_env(last, secret_name='keys', secret_key_to_env={'token': 'TOKEN'})
    outputs = NamedTuple('Outputs', [('face', str), ('kept', dsl.Dataset)])
    return outputs(face=first.outputs['face'], kept=first.outputs['log'])


# The format of Kubeflow Pipelines 1.
OLD = '''
name: Count Words!
description: Counts.
inputs:
- {name: Some Text, type: String, default: 'it is'}
- {name: Times, type: Integer, default: '3'}
- {name: Share, type: Float, optional: true}
- {name: Wide, type: Boolean, default: 'True'}
- {name: Keys, type: JsonArray, default: '["a", 1]'}
- {name: Table, type: Dataset}
- {name: Other}
outputs:
- {name: Words, type: Integer}
- {name: Report, type: HTML}
- {name: Where, type: {GCSPath: {data_type: CSV}}}
implementation:
  container:
    image: alpine
    command: [count, {inputValue: Some Text}, {if: {cond: {isPresent: Share}, then: [--share, {inputValue: Share}]}}]
    args:
    - {concat: [--table=, {inputPath: Table}]}
    - {if: {cond: {isPresent: Times}, then: [--times, {inputValue: Times}], else: [--once]}}
    - {inputUri: Other}
    - {outputPath: Words}
    - {outputPath: Report}
    - {outputUri: Where}
    - {executorInput: null}
'''


def main(folder: pathlib.Path) -> None:
    for each in (toss, shelf):
        compiler.Compiler().compile(each, str(folder / f'{each.name}.yaml'))
    loaded_toss = components.load_component_from_file(str(folder / 'toss.yaml'))
    loaded_shelf = components.load_component_from_file(str(folder / 'shelf.yaml'))

    @dsl.pipeline(name='twice')
    def twice(log: dsl.Input[dsl.Dataset], sides: int = 6) -> str:
        own = loaded_toss(sides=sides)
        first = loaded_shelf(log=log, sides=sides, words=['x'])
        second = loaded_shelf(log=first.outputs['kept'], sides=2, share=0.5)
        second.after(own)
        with dsl.If(second.outputs['face'] == 'tails'):
            loaded_toss(sides=1, note=second.outputs['face'])
        return second.outputs['face']

    (folder / 'old.yaml').write_text(OLD)
    loaded_old = components.load_component_from_text(OLD)

    @dsl.pipeline(name='older')
    def older(table: dsl.Input[dsl.Dataset], other: dsl.Input[dsl.Artifact]) -> int:
        first = loaded_old(table=table, other=other, times=4)
        return first.outputs['words']

    compiler.Compiler().compile(older, str(folder / 'older.yaml'))
    compiler.Compiler().compile(twice, str(folder / 'twice.yaml'))


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]))
