"""Reads YAML files with PyYAML and prints those that are not what they were written from.

    python kfp_yaml.py FILE

FILE is a JSON list of `yaml`, the text of a file, and `value`, the JSON it must be. Prints nothing when all are right.
Needs PyYAML, which comes with `pip install kfp`.
"""

import json
import pathlib
import sys

import yaml


def same(one, other):
    """Whether two values are equal, true and 1 being none."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    numbers = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in (one, other)]
    return one == other and (all(numbers) or type(one) is type(other))


def main(file):
    for written in json.loads(pathlib.Path(file).read_text()):
        wanted = json.loads(written['value'])
        try:
            read = yaml.safe_load(written['yaml'])
        except yaml.YAMLError as error:
            read = str(error)
        if not same(read, wanted):
            print(json.dumps({'wanted': wanted, 'read': read}, default=str))


if __name__ == '__main__':
    main(sys.argv[1])
