"""Fits text pipelines, converts them with skl2onnx, and asks onnxruntime: for `pressroom import onnx`.

    python skl2onnx_pipelines.py TRAIN.csv TEST.csv OUTDIR

Writes NAME.onnx for each, NAME.json with onnxruntime's answers for the test rows, and prints their names, a JSON list. Needs
scikit-learn, skl2onnx and onnxruntime. What test/goldens/skl2onnx has was made so of the HEADLINES of test/support/models.ts.
"""

import csv
import json
import os
import sys
import warnings

import numpy
import onnxruntime
from skl2onnx import to_onnx
from skl2onnx.common.data_types import StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

# Of skl2onnx's default, en_US, slim images have nothing.
LOCALE = {'locale': 'C.utf8'}


def pipelines():
    """Name, classifier, the input's shape, and the classifier's options."""
    yield 'logistic regression', LogisticRegression(max_iter=1000), [None, 1], {}
    yield 'logistic regression, no ZipMap, flat', LogisticRegression(max_iter=1000), [None], {'zipmap': False}
    yield 'logistic regression, a row at a time', LogisticRegression(max_iter=1000), [1, 1], {}
    yield 'naive Bayes', MultinomialNB(), [None, 1], {'zipmap': False}
    yield 'forest', RandomForestClassifier(20, max_depth=40, random_state=0), [None, 1], {}
    yield 'multi-layer perceptron', MLPClassifier((16,), max_iter=8, random_state=0), [None, 1], {}
    yield 'linear SVM, calibrated', CalibratedClassifierCV(LinearSVC(random_state=0), cv=3), [None, 1], {}


def main(train, test, folder):
    warnings.filterwarnings('ignore')
    texts, labels = read(train)
    rows, _ = read(test)
    names = []
    for name, classifier, shape, options in pipelines():
        vectorizer = TfidfVectorizer(max_features=5000, sublinear_tf=True)
        pipeline = make_pipeline(vectorizer, classifier).fit(texts, labels)
        model = to_onnx(
            pipeline,
            initial_types=[('text', StringTensorType(shape))],
            options={id(vectorizer): LOCALE, **({id(classifier): options} if options else {})},
        )
        path = os.path.join(folder, name)
        with open(f'{path}.onnx', 'wb') as file:
            file.write(model.SerializeToString())
        with open(f'{path}.json', 'w', encoding='utf-8') as file:
            json.dump(answers(f'{path}.onnx', rows, shape, list(pipeline.classes_)), file)
        names.append(name)
    print(json.dumps(names))


def answers(path, rows, shape, classes):
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    labels, probabilities = [], []
    size = 1 if shape[0] == 1 else 500
    for start in range(0, len(rows), size):
        batch = numpy.array(rows[start : start + size], object)
        label, scores = session.run(None, {'text': batch if len(shape) == 1 else batch.reshape(-1, 1)})
        labels += [str(one) for one in label]
        # A ZipMap's maps, or a tensor in the order of the classes.
        probabilities += [[float(row[name] if isinstance(row, dict) else row[k]) for k, name in enumerate(classes)] for row in scores]
    return {'classes': [str(name) for name in classes], 'labels': labels, 'probabilities': probabilities}


def read(path):
    with open(path, newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    return [row['text'] for row in rows], [row['label'] for row in rows]


main(*sys.argv[1:])
