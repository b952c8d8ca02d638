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


def plain(answer) -> dict:
    return {name: numpy.asarray(value).tolist() for name, value in answer.items()}


def main(uri: str, rows_file: str) -> None:
    with open(rows_file, encoding='utf8') as file:
        rows = json.load(file)
    model = mlflow.pyfunc.load_model(uri)
    names = [column.name for column in model.metadata.signature.inputs]
    if names == ['text']:
        feed = {'text': numpy.array(rows['texts'], dtype=object)}
    else:
        feed = {'ids': numpy.array(rows['ids'], 'int64'), 'values': numpy.array(rows['values'], 'float32')}
    graph = mlflow.onnx.load_model(uri)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=['CPUExecutionProvider'])
    outputs = [output.name for output in session.get_outputs()]
    info = mlflow.models.get_model_info(uri)
    print(
        json.dumps(
            {
                'inputs': names,
                'pyfunc': plain(model.predict(feed)),
                'onnx': plain(dict(zip(outputs, session.run(None, feed)))),
                'signature': info.signature is not None,
                'example': info.saved_input_example_info,
                'flavors': sorted(info.flavors),
            }
        )
    )


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
