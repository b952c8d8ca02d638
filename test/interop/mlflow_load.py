"""Loads a registered model as MLflow's own users do, and asks it.

    python mlflow_load.py URI ROWS.json

URI is `models:/NAME@ALIAS` or `models:/NAME/STAGE`; MLFLOW_TRACKING_URI names the server. ROWS.json holds `texts`, and for a
graph of features `ids` and `values` as they go into it. Prints, as JSON, what pyfunc and ONNX Runtime answer, and what MLflow
says of the model.
"""

import json
import sys

import mlflow
import mlflow.onnx
import mlflow.pyfunc
import numpy
import onnxruntime
import pandas
from mlflow.pyfunc.scoring_server import infer_and_parse_data


def plain(answer) -> dict:
    return {name: numpy.asarray(value).tolist() for name, value in answer.items()}


def ways_of(rows: dict, takes_texts: bool) -> dict:
    """What is given to `predict`, by the way it is given."""
    if takes_texts:
        texts = rows['texts']
        return {'list': texts, 'table': pandas.DataFrame({'text': texts}), 'array': numpy.array(texts)}
    return {'arrays': {'ids': numpy.array(rows['ids'], 'int64'), 'values': numpy.array(rows['values'], 'float32')}}


def main(uri: str, rows_file: str) -> None:
    with open(rows_file, encoding='utf8') as file:
        rows = json.load(file)
    model = mlflow.pyfunc.load_model(uri)
    schema = model.metadata.signature.inputs
    takes_texts = not schema.is_tensor_spec()
    ways = ways_of(rows, takes_texts)
    graph = mlflow.onnx.load_model(uri)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=['CPUExecutionProvider'])
    outputs = [output.name for output in session.get_outputs()]
    feed = {'text': numpy.array(rows['texts'], dtype=object)} if takes_texts else ways['arrays']
    info = mlflow.models.get_model_info(uri)
    example = model.input_example
    # As `mlflow models serve` reads a request.
    with open(f'{mlflow.artifacts.download_artifacts(uri)}/serving_input_example.json', encoding='utf8') as file:
        request = infer_and_parse_data(json.load(file), schema)
    print(
        json.dumps(
            {
                'texts': takes_texts,
                'pyfunc': {way: plain(model.predict(data)) for way, data in ways.items()},
                'onnx': plain(dict(zip(outputs, session.run(None, feed)))),
                'example': plain(model.predict(example)),
                'served': plain(model.predict(request)),
                'saved': info.saved_input_example_info,
                'flavors': sorted(info.flavors),
            }
        )
    )


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
