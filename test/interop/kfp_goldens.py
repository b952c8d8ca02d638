"""Compiles pipelines with the Python SDK, for test/pipelines/compiler.test.ts to compare with what ours makes of them.

    python kfp_goldens.py FOLDER

Needs `pip install kfp==2.17.0`. The pipelines hold no Python function, so that every byte of meaning must agree.
"""

import pathlib
import sys
import tempfile

import yaml
from kfp import compiler, dsl


@dsl.container_component
def toss(sides: int, face: dsl.OutputPath(str), weight: dsl.OutputPath(float), fair: dsl.OutputPath(bool),
         eyes: dsl.OutputPath(int), log: dsl.Output[dsl.Dataset]):
    return dsl.ContainerSpec(image='alpine', command=['toss', sides], args=[face, weight, fair, eyes, log.path])


@dsl.container_component
def report(log: dsl.Input[dsl.Dataset], note: str = 'none'):
    return dsl.ContainerSpec(image='alpine', command=['report', log.path, note])


@dsl.container_component
def bet(face: str, stake: float):
    return dsl.ContainerSpec(image='alpine', command=['bet', face, stake])


@dsl.pipeline(name='nested-conditions', description='Values of every kind across\nthe borders of groups.',
              display_name='Nested conditions')
def nested_conditions(start: dsl.Input[dsl.Dataset], limit: int, sides: int = 6, share: float = 0.5,
                      go: bool = True):
    first = toss(sides=sides)
    second = toss(sides=2).set_caching_options(False)
    with dsl.If(first.outputs['face'] == 'heads'):
        report(log=second.outputs['log'])
        with dsl.If(second.outputs['eyes'] > limit):
            third = toss(sides=limit).set_cpu_limit('500m').set_memory_limit('256Mi')
            with dsl.If(third.outputs['weight'] >= 5.0):
                bet(face=first.outputs['face'], stake=share).set_display_name('The bet')
                report(log=start, note='deep').after(third)
            with dsl.If(third.outputs['fair'] == False):
                bet(face=third.outputs['face'], stake=third.outputs['weight']).set_retry(
                    3, backoff_duration='30s')
    with dsl.If(go == True):
        report(log=first.outputs['log']).after(second)
    with dsl.If(second.outputs['face'] != first.outputs['face']):
        bet(face='edge', stake=1.5)
        with dsl.If(second.outputs['eyes'] <= 3):
            bet(face='tails', stake=2.0)


@dsl.pipeline(name='same-names')
def same_names():
    first = toss(sides=1)
    second = toss(sides=2).after(first)
    with dsl.If(second.outputs['eyes'] < 0):
        toss(sides=3)
        with dsl.If(first.outputs['fair'] == True):
            toss(sides=4).after(first)


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for pipeline in (nested_conditions, same_names):
        with tempfile.NamedTemporaryFile(suffix='.yaml') as file:
            compiler.Compiler().compile(pipeline, file.name)
            spec = yaml.safe_load(pathlib.Path(file.name).read_text())
        # The version is not part of the meaning, and would make the golden stale with each release of the SDK.
        del spec['sdkVersion']
        (folder / f'{pipeline.name}.yaml').write_text(yaml.safe_dump(spec, sort_keys=True))


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]))
