"""Compiles programs, which are pipelines as data (program.ts), with the Python SDK, and prints a JSON line each.

    python build.py PROGRAMS

PROGRAMS is a file of a program a line. Each line that it prints holds either `error`, or `spec` and `platform`.
Needs `pip install kfp kfp-kubernetes`.
"""

import inspect
import json
import operator
import pathlib
import sys
from typing import List, NamedTuple

from google.protobuf import json_format
from kfp import dsl

TYPES = {
    'text': str,
    'integer': int,
    'number': float,
    'boolean': bool,
    'texts': List[str],
    'integers': List[int],
    'dataset': dsl.Dataset,
}
COMPARISONS = {
    '==': operator.eq,
    '!=': operator.ne,
    '<': operator.lt,
    '<=': operator.le,
    '>': operator.gt,
    '>=': operator.ge,
}


@dsl.container_component
def make(value: str, word: dsl.OutputPath(str), count: dsl.OutputPath(int), share: dsl.OutputPath(float),
         fine: dsl.OutputPath(bool), lines: dsl.OutputPath(List[str]), sizes: dsl.OutputPath(List[int]),
         table: dsl.Output[dsl.Dataset]):
    return dsl.ContainerSpec(image='alpine', command=['x'])


def taking(kind):
    type_ = dsl.Input[TYPES[kind]] if kind == 'dataset' else TYPES[kind]

    def take(value):
        return dsl.ContainerSpec(image='alpine', command=['x'])

    take.__name__ = f'take-{kind}'
    take.__annotations__ = {'value': type_}
    return dsl.container_component(take)


COMPONENTS = {'make': make, **{f'take-{kind}': taking(kind) for kind in TYPES}}


class Run:
    """Says a program's statements to the SDK, in a pipeline's function."""

    def __init__(self, known):
        self.known = dict(known)

    def value(self, value, kind=None):
        if 'constant' in value:
            return float(value['constant']) if kind == 'number' else value['constant']
        if 'ref' in value:
            known = self.known[value['ref']]
            return getattr(known, value['key']) if 'key' in value else known
        return ''.join(part if isinstance(part, str) else str(self.value(part)) for part in value['text'])

    def body(self, statements):
        for statement in statements:
            if 'task' in statement:
                self.task(statement)
            elif 'branches' in statement:
                self.branches(statement)
            elif 'exit' in statement:
                self.task(statement['exit'])
                with dsl.ExitHandler(self.known[statement['exit']['task']]):
                    self.body(statement['body'])
            else:
                with dsl.ParallelFor(self.value(statement['items']), parallelism=statement['parallelism']) as item:
                    self.known[statement['item']] = item
                    self.body(statement['body'])
                for name, of in statement['collected']:
                    self.known[name] = dsl.Collected(self.known[of])

    def task(self, statement):
        name, settings = statement['task'], statement['settings']
        task = COMPONENTS[statement['of']](value=self.value(statement['value'], statement['of'][len('take-'):]))
        if not settings['cached']:
            task.set_caching_options(False)
        if settings['retries']:
            task.set_retry(settings['retries'])
        if settings['name']:
            task.set_display_name(settings['name'])
        task.after(*[self.known[other] for other in statement['after']])
        self.known[name] = task
        if statement['of'] == 'make':
            for output in ('word', 'count', 'share', 'fine', 'lines', 'sizes', 'table'):
                self.known[f'{name}.{output}'] = task.outputs[output]

    def branches(self, statement):
        for index, branch in enumerate(statement['branches']):
            if branch['when'] is None:
                group = dsl.Else()
            else:
                left, comparison, right = branch['when']
                condition = COMPARISONS[comparison](self.value(left), self.value(right))
                group = dsl.If(condition) if index == 0 else dsl.Elif(condition)
            with group:
                self.body(branch['body'])
        for name, of in statement['oneOf']:
            self.known[name] = dsl.OneOf(*[self.known[each] for each in of])


def pipeline_of(program):
    parameters = [
        inspect.Parameter(
            name, inspect.Parameter.POSITIONAL_OR_KEYWORD,
            annotation=dsl.Input[dsl.Dataset] if kind == 'dataset' else TYPES[kind])
        for name, kind in program['inputs'].items()
    ]
    made = {'word': str, 'count': int, 'share': float, 'fine': bool, 'lines': List[str], 'sizes': List[int], 'table': dsl.Dataset}
    results = NamedTuple('Outputs', [
        (f'out{index}', made[name.split('.')[1]]) for index, name in enumerate(program['outputs'])
    ])

    def random(*values):
        run = Run({parameter.name: value for parameter, value in zip(parameters, values)})
        run.body(program['body'])
        return results(*[run.known[name] for name in program['outputs']]) if program['outputs'] else None

    random.__signature__ = inspect.Signature(
        parameters, return_annotation=results if program['outputs'] else inspect.Signature.empty)
    random.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    if program['outputs']:
        random.__annotations__['return'] = results
    return dsl.pipeline(random)


def main():
    for line in pathlib.Path(sys.argv[1]).read_text().strip().split('\n'):
        try:
            made = pipeline_of(json.loads(line))
            print(json.dumps({
                'spec': json_format.MessageToDict(made.pipeline_spec),
                'platform': json_format.MessageToDict(made.platform_spec),
            }))
        except Exception as error:  # whatever the SDK throws is the answer that was asked for
            print(json.dumps({'error': f'{type(error).__name__}: {error}'}))


if __name__ == '__main__':
    main()
