"""scikit-learn's fits on AG News, for comparing and for timing.

    python sklearn_fits.py matrices AG_NEWS OUTDIR    writes the matrices that both sides fit
    python sklearn_fits.py serve DIR                  answers requests, a JSON object a line on stdin, with one on stdout

A matrix NAME is NAME.json (rows, columns) and NAME.indptr, .indices, .labels (int32) and .values (float64), little-endian. A
request is {"matrix", "learner", "options", "out"?}; the answer has the milliseconds and loss of the fit alone, and `out`
names a file for {coefficients, intercepts, predictions} on the matrix NAME-test.
"""

import csv
import json
import os
import sys
import time
import warnings

import numpy
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.svm import LinearSVC


def read_rows(path):
    with open(path, newline='', encoding='utf8') as file:
        rows = [(int(row['label']) - 1, row['text']) for row in csv.DictReader(file)]
    return [text for _, text in rows], numpy.array([label for label, _ in rows], dtype='<i4')


def write_matrix(folder, name, matrix, labels):
    matrix = matrix.tocsr()
    matrix.sort_indices()
    parts = {'indptr': matrix.indptr, 'indices': matrix.indices, 'labels': labels}
    for part, array in parts.items():
        array.astype('<i4').tofile(os.path.join(folder, f'{name}.{part}'))
    matrix.data.astype('<f8').tofile(os.path.join(folder, f'{name}.values'))
    with open(os.path.join(folder, f'{name}.json'), 'w') as file:
        json.dump({'rows': matrix.shape[0], 'columns': matrix.shape[1]}, file)


def read_matrix(folder, name):
    with open(os.path.join(folder, f'{name}.json')) as file:
        shape = json.load(file)
    read = lambda part, kind: numpy.fromfile(os.path.join(folder, f'{name}.{part}'), kind)
    parts = read('values', '<f8'), read('indices', '<i4'), read('indptr', '<i4')
    return csr_matrix(parts, shape=(shape['rows'], shape['columns'])), read('labels', '<i4')


def matrices(source, folder):
    train, labels = read_rows(os.path.join(source, 'train.csv'))
    test, test_labels = read_rows(os.path.join(source, 'test.csv'))
    # Seed 002's features.
    words = TfidfVectorizer(
        max_features=10_000, ngram_range=(1, 2), stop_words='english', sublinear_tf=True, min_df=2, max_df=0.95
    )
    write_matrix(folder, 'seed-002', words.fit_transform(train), labels)
    write_matrix(folder, 'seed-002-test', words.transform(test), test_labels)
    # What NB-weighted models are fitted on.
    both = [
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer='char_wb', ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    ]
    write_matrix(folder, 'wide', hstack([each.fit_transform(train) for each in both]), labels)
    write_matrix(folder, 'wide-test', hstack([each.transform(test) for each in both]), test_labels)


def logistic_loss(model, train, labels):
    own = model.predict_log_proba(train)[numpy.arange(len(labels)), labels]
    return float(-model.C * own.sum() + 0.5 * (model.coef_**2).sum())


def svm_loss(weights, intercepts, scores, labels, c=1.0):
    side = numpy.where(labels[:, None] == numpy.arange(scores.shape[1]), 1, -1)
    loss = c * (numpy.maximum(0, 1 - side * scores) ** 2).sum()
    return float(loss + 0.5 * (weights**2).sum() + 0.5 * (intercepts**2).sum())


def nb_svm(train, labels, options):
    weights, coefficients, intercepts = [], [], []
    for k in range(labels.max() + 1):
        own = 1 + numpy.asarray(train[labels == k].sum(axis=0)).ravel()
        others = 1 + numpy.asarray(train[labels != k].sum(axis=0)).ravel()
        ratio = numpy.log((own / own.sum()) / (others / others.sum()))
        model = LinearSVC(**options).fit(train.multiply(ratio).tocsr(), labels == k)
        weights.append(model.coef_[0])
        coefficients.append(model.coef_[0] * ratio)
        intercepts.append(model.intercept_[0])
    return numpy.array(weights), numpy.array(coefficients), numpy.array(intercepts)


def fit(learner, train, labels, options):
    """The time of the fit alone; what comes after is not in it."""
    start = time.perf_counter()
    if learner == 'nb-weighted':
        weights, coefficients, intercepts = nb_svm(train, labels, options)
        milliseconds = (time.perf_counter() - start) * 1000
        scores = train @ coefficients.T + intercepts
        return milliseconds, svm_loss(weights, intercepts, scores, labels), coefficients, intercepts
    if learner == 'grid':
        for c in options['cs']:
            model = LogisticRegression(C=c, max_iter=1000).fit(train, labels)
        milliseconds = (time.perf_counter() - start) * 1000
        return milliseconds, logistic_loss(model, train, labels), model.coef_, model.intercept_
    kinds = {
        'logistic-regression': LogisticRegression,
        'linear-svm': LinearSVC,
        'naive-bayes': MultinomialNB,
        'complement-naive-bayes': ComplementNB,
    }
    model = kinds[learner](**options).fit(train, labels)
    milliseconds = (time.perf_counter() - start) * 1000
    if learner == 'logistic-regression':
        return milliseconds, logistic_loss(model, train, labels), model.coef_, model.intercept_
    if learner == 'linear-svm':
        loss = svm_loss(model.coef_, model.intercept_, train @ model.coef_.T + model.intercept_, labels)
        return milliseconds, loss, model.coef_, model.intercept_
    prior = model.class_log_prior_ if learner == 'naive-bayes' else numpy.zeros(len(model.classes_))
    return milliseconds, None, model.feature_log_prob_, prior


def serve(folder):
    known = {}
    for line in sys.stdin:
        request = json.loads(line)
        name = request['matrix']
        if name not in known:
            known[name] = read_matrix(folder, name)
        milliseconds, loss, coefficients, intercepts = fit(request['learner'], *known[name], request['options'])
        if 'out' in request:
            test, _ = read_matrix(folder, f'{name}-test')
            predictions = (test @ coefficients.T + intercepts).argmax(axis=1)
            content = {
                'coefficients': coefficients.T.ravel().tolist(),
                'intercepts': intercepts.tolist(),
                'predictions': predictions.tolist(),
            }
            with open(request['out'], 'w') as file:
                json.dump(content, file)
        print(json.dumps({'milliseconds': milliseconds, 'loss': loss}), flush=True)


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    if len(sys.argv) == 4 and sys.argv[1] == 'matrices':
        matrices(*sys.argv[2:])
    elif len(sys.argv) == 3 and sys.argv[1] == 'serve':
        serve(sys.argv[2])
    else:
        sys.exit(__doc__)
