"""What scikit-learn and scipy make of some made-up predictions: judge.json, for test/core/judge.test.ts.

usage: sklearn_judge.py FOLDER
"""
import json
import os
import sys

import numpy
from scipy.stats import binomtest
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
    precision_score,
    roc_auc_score,
    roc_curve,
)


def case(generator, rows, classes, ties):
    labels = generator.integers(0, classes, rows)
    scores = generator.normal(size=(rows, classes)) + 1.5 * numpy.eye(classes)[labels]
    if ties:
        scores = scores.round()
    probabilities = numpy.exp(scores) / numpy.exp(scores).sum(axis=1, keepdims=True)
    probabilities = probabilities.round(6)
    probabilities[:, -1] = 1 - probabilities[:, :-1].sum(axis=1)
    return judged(labels, probabilities)


def odd_cases(generator):
    """Few rows, a class without any, one class only, answers that are all sure of themselves."""
    labels = generator.integers(0, 3, 12)
    soft = generator.dirichlet(numpy.ones(4), 12).round(3)
    sure = numpy.eye(4)[generator.integers(0, 4, 12)]
    ones = numpy.full(12, 2)
    return [
        judged(labels, soft),
        judged(labels, sure),
        judged(ones, soft),
        judged(ones, sure),
        judged(labels[:1], soft[:1]),
    ]


def judged(labels, probabilities):
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    each = list(range(classes))
    # Neither all rows are of the class, nor none.
    ranked = [0 < (labels == k).sum() < len(labels) for k in each]
    roc = None
    if ranked[0]:
        wrong, right, _ = roc_curve(labels == 0, probabilities[:, 0], drop_intermediate=False)
        roc = {'falsePositiveRate': wrong.tolist(), 'recall': right.tolist()}
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=each, zero_division=0
    )
    return {
        'classes': classes,
        'labels': labels.tolist(),
        'probabilities': probabilities.ravel().tolist(),
        'balancedAccuracy': balanced_accuracy_score(labels, predicted),
        'macroF1': f1_score(labels, predicted, labels=each, average='macro', zero_division=0),
        'weightedPrecision': precision_score(labels, predicted, average='weighted', zero_division=0),
        'weightedF1': f1_score(labels, predicted, average='weighted', zero_division=0),
        'precision': precision.tolist(),
        'recall': recall.tolist(),
        'f1': f1.tolist(),
        'support': support.tolist(),
        'confusion': confusion_matrix(labels, predicted, labels=each).tolist(),
        'logLoss': log_loss(labels, probabilities, labels=each),
        'brier': brier_score_loss(labels, probabilities, labels=each),
        'rocAuc': [roc_auc_score(labels == k, probabilities[:, k]) if ranked[k] else None for k in each],
        'averagePrecision': [
            average_precision_score(labels == k, probabilities[:, k]) if (labels == k).any() else None
            for k in each
        ],
        'microRocAuc': roc_auc_score(numpy.eye(classes)[labels].ravel(), probabilities.ravel()),
        'roc': roc,
    }


def main(folder):
    generator = numpy.random.default_rng(7)
    made = {
        'cases': [
            case(generator, 60, 4, False),
            case(generator, 60, 4, True),
            case(generator, 40, 2, False),
            *odd_cases(generator),
        ],
        'mcnemar': [
            {'onlyFirst': a, 'onlySecond': b, 'p': binomtest(a, a + b).pvalue if a + b else 1.0}
            for a, b in [(0, 0), (1, 0), (5, 5), (3, 9), (30, 12), (400, 470), (0, 2000)]
        ],
    }
    with open(os.path.join(folder, 'judge.json'), 'w', encoding='utf8', newline='\n') as file:
        json.dump(made, file, separators=(',', ':'))
        file.write('\n')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
