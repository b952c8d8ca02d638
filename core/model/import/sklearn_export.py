"""Writes a fitted scikit-learn classifier of texts as plain data, for `pressroom import sklearn`.

    python sklearn_export.py MODEL OUT [--texts TEXTS.json]

MODEL is what joblib.dump or pickle.dump wrote. Loading it runs whatever code is in it, so load only what you trust. OUT gets the
layout of features.bin (docs/model-folder.md of pressroom-ml): what each step is, its parameters and what it learnt; nothing in
it runs. TEXTS.json is a list of texts; what scikit-learn itself answers for them goes along, and the import compares.
Needs scikit-learn alone. What Pressroom cannot express is for it to refuse; this script only says what is there.
"""

import argparse
import json
import math
import platform
import struct
import sys

import numpy
import sklearn

VERSION = 1
# Parameters that hold other steps, which are written as steps, or a vocabulary, which is written as what was learnt.
NOT_PLAIN = {
    'steps', 'transformer_list', 'estimators', 'estimator', 'base_estimator', 'vocabulary', 'classifier', 'param_grid',
    'param_distributions',
}  # fmt: skip


def load(path):
    """The object in a file of joblib's or pickle's; joblib reads both."""
    import joblib

    try:
        return joblib.load(path)
    except (AttributeError, ModuleNotFoundError) as error:
        sys.exit(f'{path} names code that is not here: {error}')
    except Exception as error:  # Unpickling raises anything.
        sys.exit(f'{path} cannot be loaded: {type(error).__name__}: {error}')


def strings(values):
    """Strings as UTF-8 in one piece and where each ends."""
    parts = [value.encode('utf8') for value in values]
    ends = numpy.cumsum([len(part) for part in parts], dtype='<u4')
    return {'bytes': numpy.frombuffer(b''.join(parts), '<u1'), 'ends': ends.astype('<u4')}


def doubles(values):
    return numpy.ascontiguousarray(values, dtype='<f8').ravel()


def integers(values):
    return numpy.ascontiguousarray(values, dtype='<i4').ravel()


def plain(value):
    """A parameter as JSON has it; what JSON has not as {"python": how Python writes it}."""
    if isinstance(value, numpy.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {'python': str(value)}
    if isinstance(value, (set, frozenset)):
        return [plain(item) for item in sorted(value, key=str)]
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, type) and issubclass(value, numpy.generic) or isinstance(value, numpy.dtype):
        return numpy.dtype(value).name
    if callable(value):
        return {'python': f'{getattr(value, "__module__", "?")}.{getattr(value, "__qualname__", type(value).__name__)}'}
    return {'python': repr(value)[:200]}


def name_of(value):
    """`TfidfVectorizer`; of a class that is not scikit-learn's, with its module."""
    own = type(value)
    return own.__name__ if own.__module__.split('.')[0] == 'sklearn' else f'{own.__module__}.{own.__qualname__}'


def step(value):
    """An estimator as its type, its parameters and what it learnt."""
    if value is None or isinstance(value, str):
        return {'type': str(value), 'params': {}, 'fitted': {}}
    own = value.get_params(deep=False) if hasattr(value, 'get_params') else {}
    params = {key: plain(item) for key, item in own.items() if key not in NOT_PLAIN}
    learnt = LEARNT.get(name_of(value))
    try:
        fitted = {} if learnt is None else learnt(value)
    except AttributeError as error:
        sys.exit(f'{name_of(value)} is not fitted: {error}')
    return {'type': name_of(value), 'params': params, 'fitted': fitted}


def vectorizer(value):
    terms = sorted(value.vocabulary_, key=value.vocabulary_.get)
    words = value.get_stop_words() if value.analyzer == 'word' else None
    fitted = {'vocabulary': strings(terms), 'stop_words': plain(words)}
    if getattr(value, 'use_idf', False):
        fitted['idf'] = doubles(value.idf_)
    return fitted


def hashing(value):
    return {'stop_words': plain(value.get_stop_words() if value.analyzer == 'word' else None)}


def linear(value):
    coef = value.coef_.toarray() if hasattr(value.coef_, 'toarray') else value.coef_
    return {'classes': len(value.classes_), 'coef': doubles(coef), 'intercept': doubles(value.intercept_)}


def naive_bayes(value):
    logs, prior = value.feature_log_prob_, value.class_log_prior_
    return {'classes': len(value.classes_), 'feature_log_prob': doubles(logs), 'class_log_prior': doubles(prior)}


def mlp(value):
    return {
        'classes': len(value.classes_),
        'coefs': [{'inputs': w.shape[0], 'outputs': w.shape[1], 'weights': doubles(w)} for w in value.coefs_],
        'intercepts': [doubles(bias) for bias in value.intercepts_],
        'out_activation': value.out_activation_,
    }


def trees(value):
    parts = [each.tree_ for each in getattr(value, 'estimators_', [value])]
    return {
        'classes': len(value.classes_),
        'features': value.n_features_in_,
        'trees': [
            {
                'left': integers(tree.children_left),
                'right': integers(tree.children_right),
                'feature': integers(tree.feature),
                'threshold': doubles(tree.threshold),
                'value': doubles(tree.value),
            }
            for tree in parts
        ],
    }


def calibrator(value):
    if hasattr(value, 'a_'):
        return {'method': 'sigmoid', 'slope': float(value.a_), 'intercept': float(value.b_)}
    if hasattr(value, 'beta_'):
        return {'method': 'temperature', 'beta': float(value.beta_)}
    knots = doubles(value.X_thresholds_), doubles(value.y_thresholds_)
    return {'method': 'isotonic', 'scores': knots[0], 'probabilities': knots[1]}


def calibrated(value):
    members = [
        {'estimator': step(each.estimator), 'calibrators': [calibrator(own) for own in each.calibrators]}
        for each in value.calibrated_classifiers_
    ]
    return {'classes': len(value.classes_), 'members': members}


def union(value):
    weights = value.transformer_weights or {}
    return {
        'parts': [
            {'name': name, 'weight': float(weights.get(name, 1)), 'step': step(part)}
            for name, part in value.transformer_list
        ]
    }


LEARNT = {
    'Pipeline': lambda value: {'steps': [step(part) for _, part in value.steps]},
    'FeatureUnion': union,
    'CountVectorizer': vectorizer,
    'TfidfVectorizer': vectorizer,
    'HashingVectorizer': hashing,
    'TfidfTransformer': lambda value: {'idf': doubles(value.idf_)} if value.use_idf else {},
    'SelectKBest': lambda value: {'support': integers(value.get_support(indices=True))},
    'LogisticRegression': linear,
    'LinearSVC': linear,
    'SGDClassifier': linear,
    'MultinomialNB': naive_bayes,
    'ComplementNB': naive_bayes,
    'MLPClassifier': mlp,
    'DecisionTreeClassifier': trees,
    'RandomForestClassifier': trees,
    'ExtraTreesClassifier': trees,
    'VotingClassifier': lambda value: {'members': [step(part) for part in value.estimators_]},
    'CalibratedClassifierCV': calibrated,
    'FrozenEstimator': lambda value: {'estimator': step(value.estimator)},
    'GridSearchCV': lambda value: {'estimator': step(value.best_estimator_)},
    'RandomizedSearchCV': lambda value: {'estimator': step(value.best_estimator_)},
}


def answers(model, texts):
    """What scikit-learn says of the texts; without probabilities where the model has none."""
    known = {label: place for place, label in enumerate(model.classes_.tolist())}
    predicted = integers([known[label] for label in model.predict(texts).tolist()])
    probabilities = doubles(model.predict_proba(texts)) if hasattr(model, 'predict_proba') else None
    return {'texts': strings(texts), 'predicted': predicted, 'probabilities': probabilities}


def container(data):
    """The layout of features.bin: plain data as JSON, its arrays behind it."""
    arrays = []

    def walk(value):
        if isinstance(value, numpy.ndarray):
            arrays.append(value)
            return {'array': len(arrays) - 1}
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    kept = walk(data)
    entries = [{'type': each.dtype.name, 'length': each.size, 'doubles': each.dtype == 'f8'} for each in arrays]
    text = json.dumps({'data': kept, 'arrays': entries}, allow_nan=False).encode()
    content = bytearray(struct.pack('<8sII', b'PRESSA\x1a\n', 1, len(text)) + text)
    for part in [*arrays, None]:
        content += bytes(-len(content) % 8)
        content += b'' if part is None else part.tobytes()
    return content


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model')
    parser.add_argument('out')
    parser.add_argument('--texts')
    given = parser.parse_args()
    model = load(given.model)
    if not hasattr(model, 'classes_'):
        sys.exit(f'{given.model} holds no fitted classifier: it is a {name_of(model)}')
    texts = None
    if given.texts is not None:
        with open(given.texts, encoding='utf8') as file:
            texts = json.load(file)
    data = {
        'format': 'pressroom-sklearn',
        'version': VERSION,
        'made': {'python': platform.python_version(), 'sklearn': sklearn.__version__, 'numpy': numpy.__version__},
        'classes': [str(label) for label in model.classes_.tolist()],
        'model': step(model),
        'answers': None if texts is None else answers(model, texts),
    }
    with open(given.out, 'wb') as file:
        file.write(container(data))


if __name__ == '__main__':
    main()
