"""Loads compiled YAML files with the Python SDK and prints, a JSON line a file, what it makes of them.

    python kfp_check.py FILE...

Each line holds `file` and either `error`, or `name`, `description`, `inputs`, `outputs` (as the SDK offers them to
callers), `spec` and `platform` (the documents as the SDK writes them out again). Exits 1 when a file was not accepted.
Needs `pip install kfp kfp-kubernetes`; without the second the platform document of a file cannot be read.
"""

import json
import sys

from google.protobuf import json_format
from kfp import components


def check(file: str) -> dict:
    component = components.load_component_from_file(file)
    spec = component.component_spec
    return {
        'file': file,
        'name': component.name,
        'description': component.description,
        'inputs': {
            name: {'type': str(given.type), 'optional': given.optional, 'default': given.default}
            for name, given in (spec.inputs or {}).items()
        },
        'outputs': {name: {'type': str(given.type)} for name, given in (spec.outputs or {}).items()},
        'spec': json_format.MessageToDict(component.pipeline_spec),
        'platform': json_format.MessageToDict(component.platform_spec),
    }


def main(files: list[str]) -> int:
    failed = False
    for file in files:
        try:
            line = check(file)
        except Exception as error:  # whatever the SDK throws is the answer that was asked for
            line = {'file': file, 'error': f'{type(error).__name__}: {error}'}
            failed = True
        print(json.dumps(line))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
