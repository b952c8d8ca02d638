"""Loads compiled YAML files with the Python SDK, wraps each in a pipeline, and prints, a JSON line a file and way, what
the SDK compiles.

    python kfp_wrap.py FILE...

Two ways: `required`, called with its required inputs only; `all`, with every input passed through from an input of the
pipeline and every output returned. Each line holds `file`, `way` and either `error`, or `spec` and `platform`.
Needs `pip install kfp kfp-kubernetes`.
"""

import inspect
import json
import sys
import typing

from google.protobuf import json_format
from kfp import components, dsl
from kfp.dsl.types import type_utils

PARAMETERS = {
    'String': str,
    'Integer': int,
    'Float': float,
    'Boolean': bool,
    'List': list,
    'Dict': dict,
}


def annotation(spec):
    """The Python type of an input or output, and whether it is an artifact."""
    if spec.type in PARAMETERS:
        return PARAMETERS[spec.type], False
    title, version = spec.type.split('@')
    for known in type_utils.ARTIFACT_CLASSES_MAPPING.values():
        if known.schema_title == title:
            break
    else:
        known = type('Artifact_', (dsl.Artifact,), {'schema_title': title, 'schema_version': version})
    return (typing.List[known] if spec.is_artifact_list else known), True


def wrap(component, everything):
    inputs = component.component_spec.inputs or {}
    outputs = (component.component_spec.outputs or {}) if everything else {}
    passed = {name: spec for name, spec in inputs.items() if everything or not spec.optional}

    parameters = []
    for name, spec in sorted(passed.items(), key=lambda item: item[1].optional):
        type_, is_artifact = annotation(spec)
        if is_artifact:
            type_ = dsl.Input[type_]
        if spec.optional and spec.default is None:
            type_ = typing.Optional[type_]
        default = spec.default if spec.optional else inspect.Parameter.empty
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=type_, default=default))
    results = typing.NamedTuple('Outputs', [(name, annotation(spec)[0]) for name, spec in outputs.items()])

    def wrapper(*values):
        task = component(**{parameter.name: value for parameter, value in zip(parameters, values)})
        return results(**{name: task.outputs[name] for name in outputs}) if outputs else None

    wrapper.__signature__ = inspect.Signature(
        parameters, return_annotation=results if outputs else inspect.Signature.empty)
    wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
    if outputs:
        wrapper.__annotations__['return'] = results
    return dsl.pipeline(wrapper, name='wrapper')


def main(files):
    for file in files:
        for way in ('required', 'all'):
            line = {'file': file, 'way': way}
            try:
                made = wrap(components.load_component_from_file(file), way == 'all')
                line['spec'] = json_format.MessageToDict(made.pipeline_spec)
                line['platform'] = json_format.MessageToDict(made.platform_spec)
            except Exception as error:  # whatever the SDK throws is the answer that was asked for
                line['error'] = f'{type(error).__name__}: {error}'
            print(json.dumps(line))


if __name__ == '__main__':
    main(sys.argv[1:])
