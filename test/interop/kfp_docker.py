"""Runs a compiled pipeline in the Docker runner of the Python SDK and prints its outputs as one JSON line.

    python kfp_docker.py HOST FILE INPUTS ROOT WORKSPACE

HOST is the engine, as in DOCKER_HOST; INPUTS is a JSON object; artifacts go under ROOT. The containers share the machine's network and run as root, since the
folders that the SDK makes for them are its own user's. Needs `pip install kfp docker`.
"""

import json
import os
import sys

from kfp import components, local
from kfp.local import executor_input_utils

given = executor_input_utils.executor_input_to_dict


def without_absent(executor_input, component_spec):
    """Leaves out optional inputs that nobody gave, as the cluster does. Release 2.17 writes them as null, and fails at int(None)."""
    values = executor_input.inputs.parameter_values
    for name in [name for name, value in values.items() if value.WhichOneof('kind') in (None, 'null_value')]:
        del values[name]
    return given(executor_input, component_spec)


executor_input_utils.executor_input_to_dict = without_absent


def main(host: str, file: str, inputs: str, root: str, workspace: str) -> None:
    os.environ['DOCKER_HOST'] = host
    runner = local.DockerRunner(network_mode='host', user='0:0')
    local.init(runner, pipeline_root=root, workspace_root=workspace)
    task = components.load_component_from_file(file)(**json.loads(inputs))
    print(json.dumps(task.outputs))


if __name__ == '__main__':
    main(*sys.argv[1:])
