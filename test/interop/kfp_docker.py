"""Runs a compiled pipeline in the Docker runner of the Python SDK and prints its outputs as one JSON line.

    python kfp_docker.py HOST FILE INPUTS ROOT WORKSPACE

HOST is the engine, as in DOCKER_HOST; INPUTS is a JSON object; artifacts go under ROOT. The containers share the machine's network and run as root, since the
folders that the SDK makes for them are its own user's. Needs `pip install kfp docker`.
"""

import json
import os
import sys

from kfp import components, local


def main(host: str, file: str, inputs: str, root: str, workspace: str) -> None:
    os.environ['DOCKER_HOST'] = host
    runner = local.DockerRunner(network_mode='host', user='0:0')
    local.init(runner, pipeline_root=root, workspace_root=workspace)
    task = components.load_component_from_file(file)(**json.loads(inputs))
    print(json.dumps(task.outputs))


if __name__ == '__main__':
    main(*sys.argv[1:])
