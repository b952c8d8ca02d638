"""Writes the goldens of core/text and core/learn: what scikit-learn makes of the same rows.

    python sklearn_goldens.py ROWS.tsv OUTDIR

ROWS.tsv is UTF-8, `label<TAB>text` a line. Into OUTDIR go features.json, models.json and metrics.json, which
test/core/text.test.ts and learn.test.ts compare with. Needs scikit-learn (made with the versions that models.json names):

    python -m venv VENV && VENV/bin/pip install scikit-learn
"""

import os

# Which of several equally frequent n-grams max_features keeps is decided by numpy's argsort, and that orders ties by the
# vector unit it finds: another answer for AVX2, AVX-512 and neither. Without them it is the same on every machine.
# (numpy 2.4 names them by x86-64 level; names that a version does not know are passed over.)
os.environ['NPY_DISABLE_CPU_FEATURES'] = 'X86_V3 X86_V4 AVX2 AVX512F AVX512_SKX AVX512_ICL AVX512_SPR'

import json
import sys
import warnings

warnings.filterwarnings('ignore', message='.*NPY_DISABLE_CPU_FEATURES', category=ImportWarning)

import numpy
import sklearn
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, precision_recall_fscore_support
from sklearn.naive_bayes import MultinomialNB

LABELS = ['World', 'Sports', 'Business', 'Sci/Tech']


def settings(**changes):
    """TextSettings; the defaults are those of the train stage."""
    return {
        'lowercase': True,
        'stopWords': 'english',
        'ngramRange': [1, 2],
        'maxFeatures': 10_000,
        'maxDf': 0.95,
        'minDf': 2,
        'sublinearTf': True,
        **changes,
    }


FEATURES = {
    'news': settings(),
    # Every word as it stands, so that each row's tokens can be told from the matrix.
    'words': settings(lowercase=False, stopWords='none', ngramRange=[1, 1], maxDf=1, minDf=1, sublinearTf=False),
    # The border of max_features falls among hundreds of n-grams that occur once.
    'ties': settings(minDf=1, maxFeatures=1000),
    # No single word is a feature, and max_df removes some.
    'phrases': settings(stopWords='none', ngramRange=[2, 3], maxDf=0.02, minDf=2),
}


def vectorizer(of):
    return TfidfVectorizer(
        lowercase=of['lowercase'],
        stop_words='english' if of['stopWords'] == 'english' else None,
        ngram_range=tuple(of['ngramRange']),
        max_features=of['maxFeatures'],
        max_df=float(of['maxDf']),  # a whole number would be a count
        min_df=of['minDf'],
        sublinear_tf=of['sublinearTf'],
    )


def numbers(values):
    """Nine significant digits: a thousand times finer than the tests compare, and half the size."""
    return [float(f'{value:.9g}') for value in numpy.asarray(values, dtype=float).ravel()]


def sparse(matrix):
    matrix.sort_indices()
    return {
        'indptr': matrix.indptr.tolist(),
        'indices': matrix.indices.tolist(),
        'values': numbers(matrix.data),
    }


def logistic(train, labels, test, c):
    # The tolerance is far below what is compared, so that this is the optimum and not where a solver gave up.
    model = LogisticRegression(C=c, tol=1e-10, max_iter=100_000).fit(train, labels)
    own = model.predict_log_proba(train)[numpy.arange(len(labels)), labels]
    return {
        'c': c,
        'loss': float(-c * own.sum() + 0.5 * (model.coef_**2).sum()),
        # One vector for two classes, else one a class; features × vectors, as LinearModel lays them out.
        'coefficients': numbers(model.coef_.T),
        'intercepts': numbers(model.intercept_),
        'probabilities': numbers(model.predict_proba(test)),
    }


def bayes(train, labels, test):
    model = MultinomialNB(alpha=1).fit(train, labels)
    return {
        'coefficients': numbers(model.feature_log_prob_.T),
        'intercepts': numbers(model.class_log_prior_),
        'probabilities': numbers(model.predict_proba(test)),
    }


def judged(labels, predicted):
    classes = list(range(len(LABELS)))
    each = precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0)
    macro = precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0, average='macro')
    return {
        'labels': labels.tolist(),
        'predicted': predicted.tolist(),
        'accuracy': float(accuracy_score(labels, predicted)),
        'macro': numbers(macro[:3]),
        'precision': numbers(each[0]),
        'recall': numbers(each[1]),
        'f1': numbers(each[2]),
        'support': each[3].tolist(),
        'confusion': confusion_matrix(labels, predicted, labels=classes).tolist(),
    }


def main(rows_file, folder):
    # Not splitlines(), which also splits at U+2028 and its like: the texts hold them on purpose.
    with open(rows_file, encoding='utf8', newline='') as file:
        rows = [line.split('\t') for line in file.read().split('\n')[:-1]]
    labels = numpy.array([LABELS.index(label) for label, _ in rows])
    texts = [text for _, text in rows]
    # Every fourth row is kept from fitting; learn.test.ts and text.test.ts split the same way.
    held = numpy.arange(len(rows)) % 4 == 3
    train_texts = [text for text, out in zip(texts, held) if not out]
    test_texts = [text for text, out in zip(texts, held) if out]

    features, matrices = {}, {}
    for name, of in FEATURES.items():
        vectors = vectorizer(of)
        train, test = vectors.fit_transform(train_texts), vectors.transform(test_texts)
        matrices[name] = train, test
        features[name] = {
            'settings': of,
            'vocabulary': vectors.get_feature_names_out().tolist(),
            'idf': numbers(vectors.idf_),
            'train': sparse(train),
            'test': sparse(test),
        }

    train, test = matrices['news']
    fitted, truth = labels[~held], labels[held]
    two, two_test = fitted < 2, truth < 2
    models = {
        'madeWith': {'scikit-learn': sklearn.__version__, 'numpy': numpy.__version__},
        'logistic': logistic(train, fitted, test, 1.0),
        'twoClasses': logistic(train[two], fitted[two], test[two_test], 5.0),
        'bayes': bayes(train, fitted, test),
    }

    probabilities = numpy.reshape(models['logistic']['probabilities'], (len(truth), len(LABELS)))
    seen = MultinomialNB().fit(train, fitted).predict(train)
    hard = numpy.ones_like(truth)
    metrics = {
        'logLoss': log_loss(truth, probabilities / probabilities.sum(axis=1, keepdims=True)),
        'judged': [
            judged(truth, probabilities.argmax(axis=1)),
            judged(fitted, seen),
            # Three classes never predicted, and then one of them not there either.
            judged(truth, hard),
            judged(truth[truth != 2], hard[truth != 2]),
        ],
    }

    outputs = {'features': {'stopWords': sorted(ENGLISH_STOP_WORDS), **features}, 'models': models, 'metrics': metrics}
    for name, content in outputs.items():
        with open(os.path.join(folder, f'{name}.json'), 'w', encoding='utf8', newline='\n') as file:
            json.dump(content, file, ensure_ascii=True, separators=(',', ':'))
            file.write('\n')


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
