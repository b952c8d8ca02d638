"""What scikit-learn's SVC makes of some made-up rows: kernels.json, for test/core/nonlinear.test.ts.

usage: sklearn_kernels.py FOLDER
"""
import json
import os
import sys

import numpy
from sklearn.svm import SVC

KERNELS = [
    {'kernel': 'linear', 'C': 1.0},
    {'kernel': 'rbf', 'C': 10.0},
    {'kernel': 'rbf', 'C': 1.0, 'gamma': 0.5},
    {'kernel': 'rbf', 'C': 1.0, 'gamma': 'auto'},
    {'kernel': 'poly', 'C': 1.0, 'degree': 3, 'coef0': 1.0},
]


def fitted(rows, labels, test, settings, weights=None):
    # Far tighter than the default, so that both arrive at the optimum itself.
    model = SVC(tol=1e-8, decision_function_shape='ovo', **settings).fit(rows, labels, sample_weight=weights)
    # With ties broken by the decision function, as we do; LIBSVM's own rule is the lower class.
    ties = len(set(labels)) > 2
    shaped = SVC(tol=1e-8, decision_function_shape='ovr', break_ties=ties, **settings)
    shaped.fit(rows, labels, sample_weight=weights)
    return {
        'settings': settings,
        'classes': len(model.classes_),
        'weighted': weights is not None,
        'pairs': model.decision_function(test).ravel().tolist(),
        'decisions': shaped.decision_function(test).ravel().tolist(),
        'predicted': shaped.predict(test).tolist(),
        'counts': model.n_support_.tolist(),
    }


def main(folder):
    generator = numpy.random.default_rng(3)
    labels = generator.integers(0, 4, 90)
    rows = generator.normal(size=(90, 6)) + 0.9 * numpy.eye(4, 6)[labels]
    rows[generator.random(rows.shape) < 0.4] = 0
    rows = rows.round(3)
    test = generator.normal(size=(20, 6)).round(3)
    weights = generator.integers(1, 4, 90).astype(float)
    two = labels < 2
    cases = [fitted(rows, labels, test, settings) for settings in KERNELS]
    cases += [fitted(rows[two], labels[two], test, settings) for settings in KERNELS[:3]]
    cases.append(fitted(rows, labels, test, KERNELS[1], weights))
    made = {
        'rows': rows.tolist(),
        'labels': labels.tolist(),
        'test': test.tolist(),
        'weights': weights.tolist(),
        'cases': cases,
    }
    with open(os.path.join(folder, 'kernels.json'), 'w', encoding='utf8', newline='\n') as file:
        json.dump(made, file, separators=(',', ':'))
        file.write('\n')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
