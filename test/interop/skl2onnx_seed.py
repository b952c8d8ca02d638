"""Seed 002's pipeline, fitted by scikit-learn, converted by skl2onnx, and asked the rows that the pipeline itself is asked.

    python skl2onnx_seed.py TRAIN.csv TEST.csv

Prints, as JSON, how many labels the conversion changed, of how many, and whether the locale that it takes for granted is absent here.
"""

import csv
import json
import sys
import warnings

import numpy
import onnx
import onnxruntime
from skl2onnx import to_onnx
from skl2onnx.common.data_types import StringTensorType
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def rows(path: str) -> tuple:
    with open(path, newline='', encoding='utf8') as file:
        found = list(csv.DictReader(file))
    return [row['text'] for row in found], [row['label'] for row in found]


def asked(model, texts: list) -> numpy.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    given = numpy.array(texts, object)[:, None]
    name = session.get_inputs()[0].name
    return numpy.concatenate([session.run(None, {name: given[i : i + 64]})[0] for i in range(0, len(texts), 64)])


def main(train: str, test: str) -> None:
    vectors = TfidfVectorizer(
        max_features=10_000, ngram_range=(1, 2), stop_words='english', max_df=0.95, min_df=2, sublinear_tf=True
    )
    pipeline = make_pipeline(vectors, LogisticRegression(max_iter=1000)).fit(*rows(train))
    texts, _ = rows(test)
    model = to_onnx(pipeline, initial_types=[('text', StringTensorType([None, 1]))], options={'zipmap': False})
    refused = False
    try:
        labels = asked(model, texts)
    except Exception as error:
        if 'locale' not in str(error):
            raise
        refused = True
        for node in model.graph.node:
            if node.op_type == 'StringNormalizer':
                node.attribute.append(onnx.helper.make_attribute('locale', 'C.UTF-8'))
        labels = asked(model, texts)
    expected = pipeline.predict(texts)
    print(json.dumps({'changed': int((labels != expected).sum()), 'rows': len(texts), 'localeAbsent': refused}))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    warnings.simplefilter('ignore')
    onnxruntime.set_default_logger_severity(4)
    main(*sys.argv[1:])
