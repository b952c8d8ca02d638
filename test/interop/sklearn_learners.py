"""Writes the goldens of core/learn's linear models and calibrations: what scikit-learn makes of the same matrix.

    python sklearn_learners.py ROWS.tsv OUTDIR

ROWS.tsv is UTF-8, `label<TAB>text` a line. Into OUTDIR goes learners.json: a small matrix, and for each case the learner, its
parameters as core/learn has them, and what scikit-learn fitted; test/core/learners.test.ts compares with it.
"""

import json
import os
import sys
import warnings

import numpy
import sklearn
from scipy.sparse import csr_matrix
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.svm import LinearSVC

LABELS = ['World', 'Sports', 'Business', 'Sci/Tech']
# Far below what is compared, so that these are the optima and not where a solver gave up.
LBFGS = dict(tol=1e-10, max_iter=1_000_000)
SAGA = dict(solver='saga', tol=1e-10, max_iter=1_000_000, random_state=0)
LIBLINEAR = dict(tol=1e-9, max_iter=10_000_000, random_state=0)


def numbers(values):
    """Nine significant digits: far finer than the tests compare, and half the size."""
    return [float(f'{value:.9g}') for value in numpy.asarray(values, dtype=float).ravel()]


def sparse(matrix):
    return {
        'rows': matrix.shape[0],
        'columns': matrix.shape[1],
        'indptr': matrix.indptr.tolist(),
        'indices': matrix.indices.tolist(),
        'values': matrix.data.tolist(),
    }


def signs(model, labels):
    """+1 for the rows of each vector's class, -1 for the others; of two classes there is one vector."""
    classes = model.classes_[1:] if len(model.classes_) == 2 else model.classes_
    return numpy.array([numpy.where(labels == k, 1, -1) for k in classes]).T


def linear(model, test):
    coefficients = getattr(model, 'coef_', None)
    if coefficients is None:
        coefficients = numpy.vstack([each.coef_ for each in model.estimators_])
        intercepts = numpy.array([each.intercept_[0] for each in model.estimators_])
    else:
        intercepts = numpy.broadcast_to(model.intercept_, len(coefficients))
    found = {'coefficients': numbers(coefficients.T), 'intercepts': numbers(intercepts)}
    if hasattr(model, 'predict_proba'):
        found['probabilities'] = numbers(model.predict_proba(test))
    return found


def penalty(of, l1_ratio):
    return l1_ratio * numpy.abs(of).sum() + (1 - l1_ratio) / 2 * (of**2).sum()


def logistic_loss(model, data, weights, c, l1_ratio):
    train, labels = data
    own = model.predict_log_proba(train)[numpy.arange(len(labels)), labels]
    return float(-c * (weights * own).sum() + penalty(model.coef_, l1_ratio))


def svm_loss(model, data, weights, c, squared, l1, scaling):
    train, labels = data
    side = signs(model, labels)
    scores = (train @ model.coef_.T) + model.intercept_
    gaps = numpy.maximum(0, 1 - side * scores)
    loss = c * (weights * (gaps**2 if squared else gaps)).sum()
    bias = numpy.broadcast_to(model.intercept_ / scaling, len(model.coef_))
    return float(loss + penalty(model.coef_, l1) + penalty(bias, l1))


def logistic_cases(data, test, sample):
    train, labels = data
    ones = numpy.ones(len(labels))
    counts = numpy.bincount(labels)
    balanced = (len(labels) / (len(counts) * counts))[labels]
    cases = []

    def case(name, parameters, settings, weights=ones, sample_weight=None, l1_ratio=0.0):
        model = LogisticRegression(C=parameters.get('c', 1.0), **settings).fit(train, labels, sample_weight)
        loss = logistic_loss(model, data, weights, parameters.get('c', 1.0), l1_ratio)
        cases.append({'name': name, 'learner': 'logistic-regression', 'parameters': parameters, 'loss': loss, **linear(model, test)})
        if sample_weight is not None:
            cases[-1]['sampleWeight'] = numbers(sample_weight)

    case('L2', {'c': 2.0}, LBFGS)
    case('without intercepts', {'fitIntercept': False}, dict(fit_intercept=False, **LBFGS))
    case('balanced classes', {'c': 5.0, 'classWeight': 'balanced'}, dict(class_weight='balanced', **LBFGS), balanced)
    case('sample weights', {'c': 1.0}, LBFGS, sample, sample)
    case('L1', {'penalty': 'l1', 'c': 3.0}, dict(l1_ratio=1, **SAGA), l1_ratio=1.0)
    case('elastic net', {'penalty': 'elasticnet', 'l1Ratio': 0.3, 'c': 3.0}, dict(l1_ratio=0.3, **SAGA), l1_ratio=0.3)
    for name, parameters, settings in [
        ('one-vs-rest', {'c': 2.0}, LBFGS),
        ('one-vs-rest, L1', {'c': 3.0, 'penalty': 'l1'}, dict(l1_ratio=1, **SAGA)),
        ('one-vs-rest, balanced', {'classWeight': 'balanced'}, dict(class_weight='balanced', **LBFGS)),
    ]:
        model = OneVsRestClassifier(LogisticRegression(C=parameters.get('c', 1.0), **settings)).fit(train, labels)
        parameters = {**parameters, 'multiClass': 'ovr'}
        cases.append({'name': name, 'learner': 'logistic-regression', 'parameters': parameters, **linear(model, test)})
    return cases


def svm_cases(data, test, sample):
    train, labels = data
    ones = numpy.ones((len(labels), 1))
    cases = []

    def case(name, parameters, settings, sample_weight=None, weights=ones):
        c, scaling = parameters.get('c', 1.0), parameters.get('interceptScaling', 1.0)
        model = LinearSVC(C=c, intercept_scaling=scaling, **settings, **LIBLINEAR).fit(train, labels, sample_weight)
        squared, l1 = parameters.get('loss') != 'hinge', float(parameters.get('penalty') == 'l1')
        loss = svm_loss(model, data, weights, c, squared, l1, scaling)
        cases.append({'name': name, 'learner': 'linear-svm', 'parameters': parameters, 'loss': loss, **linear(model, test)})
        if sample_weight is not None:
            cases[-1]['sampleWeight'] = numbers(sample_weight)

    case('squared hinge', {}, dict(dual=True))
    case('hinge', {'loss': 'hinge', 'c': 0.5}, dict(dual=True, loss='hinge'))
    case('L1', {'penalty': 'l1', 'c': 2.0}, dict(dual=False, penalty='l1'))
    case('intercept scaling', {'interceptScaling': 3.0, 'c': 0.3}, dict(dual=True))
    case('without intercepts', {'fitIntercept': False}, dict(dual=True, fit_intercept=False))
    case('sample weights', {}, dict(dual=True), sample, sample[:, None])
    given = [1.0, 2.0, 0.5, 3.0]
    # LIBLINEAR weighs a class's own rows alone.
    own = numpy.where(signs_of(labels) > 0, given, 1.0)
    case('class weights', {'classWeight': given}, dict(dual=True, class_weight=dict(enumerate(given))), None, own)
    return cases


def signs_of(labels):
    return numpy.array([numpy.where(labels == k, 1, -1) for k in range(labels.max() + 1)]).T


def bayes_cases(data, test, sample):
    train, labels = data
    cases = []
    for name, learner, parameters, model, weight in [
        ('alpha', 'naive-bayes', {'alpha': 0.3}, MultinomialNB(alpha=0.3), None),
        ('no prior', 'naive-bayes', {'fitPrior': False}, MultinomialNB(fit_prior=False), None),
        ('sample weights', 'naive-bayes', {}, MultinomialNB(), sample),
        ('complement', 'complement-naive-bayes', {'alpha': 0.5}, ComplementNB(alpha=0.5), None),
        ('complement, norm', 'complement-naive-bayes', {'norm': True}, ComplementNB(norm=True), sample),
    ]:
        model.fit(train, labels, weight)
        prior = model.class_log_prior_ if learner == 'naive-bayes' else numpy.zeros(len(model.classes_))
        cases.append({
            'name': name,
            'learner': learner,
            'parameters': parameters,
            'coefficients': numbers(model.feature_log_prob_.T),
            'intercepts': numbers(prior),
            'probabilities': numbers(model.predict_proba(test)),
        })
        if weight is not None:
            cases[-1]['sampleWeight'] = numbers(weight)
    return cases


def nb_weighted_cases(data):
    train, labels = data
    cases = []
    for name, parameters in [
        ('NBSVM', {'model': 'linear-svm', 'alpha': 1.0, 'beta': 1.0}),
        ('NBSVM of presence, interpolated', {'model': 'linear-svm', 'alpha': 0.5, 'beta': 0.25, 'counts': 'presence'}),
        ('NB-weighted logistic regression', {'model': 'logistic-regression', 'alpha': 1.0, 'beta': 1.0}),
    ]:
        counts = train.sign() if parameters.get('counts') == 'presence' else train
        columns, intercepts = [], []
        for k in range(labels.max() + 1):
            own = parameters['alpha'] + numpy.asarray(counts[labels == k].sum(axis=0)).ravel()
            others = parameters['alpha'] + numpy.asarray(counts[labels != k].sum(axis=0)).ravel()
            ratio = numpy.log((own / own.sum()) / (others / others.sum()))
            svm = parameters['model'] == 'linear-svm'
            model = LinearSVC(dual=True, **LIBLINEAR) if svm else LogisticRegression(**LBFGS)
            model.fit(csr_matrix(train.multiply(ratio)), labels == k)
            weights, beta = model.coef_[0], parameters['beta']
            columns.append(ratio * ((1 - beta) * numpy.abs(weights).mean() + beta * weights))
            intercepts.append(model.intercept_[0])
        cases.append({
            'name': name,
            'learner': 'nb-weighted',
            'parameters': parameters,
            'coefficients': numbers(numpy.array(columns).T),
            'intercepts': numbers(intercepts),
        })
    return cases


def two_class_cases(data, test):
    train, labels = data
    cases = []
    for learner, parameters, model in [
        ('logistic-regression', {'classWeight': [1.0, 2.0]}, LogisticRegression(class_weight={0: 1.0, 1: 2.0}, **LBFGS)),
        ('logistic-regression', {'penalty': 'l1', 'c': 3.0}, LogisticRegression(C=3.0, l1_ratio=1, **SAGA)),
        ('linear-svm', {'classWeight': 'balanced'}, LinearSVC(class_weight='balanced', dual=True, **LIBLINEAR)),
        ('linear-svm', {'penalty': 'l1'}, LinearSVC(penalty='l1', dual=False, **LIBLINEAR)),
    ]:
        model.fit(train, labels)
        name = f'{learner} {json.dumps(parameters)}'
        cases.append({'name': name, 'learner': learner, 'parameters': parameters, **linear(model, test)})
    return cases


def calibration_cases(data, test, held):
    train, labels = data
    bases = {
        'logistic-regression': LogisticRegression(**LBFGS),
        'linear-svm': LinearSVC(dual=True, **LIBLINEAR),
        'naive-bayes': MultinomialNB(),
    }
    cases = []
    for method in ['sigmoid', 'isotonic', 'temperature']:
        for learner, base in bases.items():
            model = CalibratedClassifierCV(FrozenEstimator(base.fit(train, labels)), method=method).fit(test, held)
            cases.append({'method': method, 'learner': learner, 'probabilities': numbers(model.predict_proba(train[:20]))})
        for ensemble in [True, False]:
            model = CalibratedClassifierCV(bases['linear-svm'], method=method, cv=3, ensemble=ensemble).fit(train, labels)
            parameters = {'cv': 3, 'ensemble': ensemble}
            probabilities = numbers(model.predict_proba(test))
            cases.append({'method': method, 'learner': 'linear-svm', 'parameters': parameters, 'probabilities': probabilities})
    return cases


def main(rows_file, folder):
    # Not splitlines(), which also splits at U+2028 and its like: the texts hold them on purpose.
    with open(rows_file, encoding='utf8', newline='') as file:
        rows = [line.split('\t') for line in file.read().split('\n')[:-1]]
    labels = numpy.array([LABELS.index(label) for label, _ in rows])
    held = numpy.arange(len(rows)) % 4 == 3
    every = TfidfVectorizer(max_features=60, sublinear_tf=True).fit_transform([text for _, text in rows])
    every.sort_indices()
    every.data = numpy.array(numbers(every.data))
    train, test = every[~held], every[held]
    data = train, labels[~held]
    two, two_test = data[1] < 2, labels[held] < 2
    pair = train[two], data[1][two]
    sample = numpy.array([0.5, 1.0, 2.0, 0.0, 3.0])[numpy.arange(train.shape[0]) % 5]

    shown = LogisticRegression(**LBFGS).fit(*pair).predict_proba(train)[:, 1]
    curves = {}
    for strategy in ['uniform', 'quantile']:
        observed, predicted = calibration_curve(data[1] == 1, shown, n_bins=7, strategy=strategy)
        curves[strategy] = {'observed': numbers(observed), 'predicted': numbers(predicted)}
    content = {
        'madeWith': {'scikit-learn': sklearn.__version__, 'numpy': numpy.__version__},
        'train': sparse(train),
        'test': sparse(test),
        'labels': data[1].tolist(),
        'testLabels': labels[held].tolist(),
        'cases': [
            *logistic_cases(data, test, sample),
            *svm_cases(data, test, sample),
            *bayes_cases(data, test, sample),
            *nb_weighted_cases(data),
        ],
        'twoClasses': two_class_cases(pair, test[two_test]),
        'calibration': {
            'all': calibration_cases(data, test, labels[held]),
            'two': calibration_cases(pair, test[two_test], labels[held][two_test]),
        },
        'curves': {'probabilities': numbers(shown), **curves},
    }
    with open(os.path.join(folder, 'learners.json'), 'w', encoding='utf8', newline='\n') as file:
        json.dump(content, file, ensure_ascii=True, separators=(',', ':'))
        file.write('\n')


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    warnings.simplefilter('ignore')
    main(*sys.argv[1:])
