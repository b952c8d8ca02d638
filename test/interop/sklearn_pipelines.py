"""Fits text pipelines as teams have them, for `pressroom import sklearn`.

    python sklearn_pipelines.py TRAIN.csv OUTDIR

Writes NAME.joblib for each, and prints their names, a JSON list. Needs scikit-learn.
"""

import csv
import json
import os
import sys
import warnings

import joblib
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier


def seed_002():
    return TfidfVectorizer(
        max_features=10_000, ngram_range=(1, 2), stop_words='english', sublinear_tf=True, min_df=2, max_df=0.95
    )


def small():
    return TfidfVectorizer(max_features=2000, sublinear_tf=True)


def union():
    return FeatureUnion(
        [
            ('words', TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)),
            ('characters', TfidfVectorizer(analyzer='char_wb', ngram_range=(2, 4), min_df=5, strip_accents='unicode')),
        ],
        transformer_weights={'characters': 0.5},
    )


def pipelines():
    svm = LinearSVC(random_state=0)
    yield 'logistic regression', make_pipeline(seed_002(), LogisticRegression(max_iter=1000))
    yield 'logistic regression, 5,000 selected', make_pipeline(seed_002(), SelectKBest(chi2, k=5000), LogisticRegression())
    yield 'logistic regression, words and characters', Pipeline([('features', union()), ('model', LogisticRegression())])
    yield 'logistic regression, hashed', make_pipeline(
        HashingVectorizer(n_features=2**16, ngram_range=(1, 2)), LogisticRegression()
    )
    yield 'logistic regression, searched', GridSearchCV(
        make_pipeline(CountVectorizer(max_features=3000), TfidfTransformer(norm='l1'), LogisticRegression()),
        {'logisticregression__C': [1, 10]},
        cv=2,
    )
    for pattern in [r'(?u)\b\w+\b', r'\S+', '[a-zA-Z]+', r'\b[^\d\W]{3,}\b']:
        vectorizer = TfidfVectorizer(token_pattern=pattern, max_features=5000, ngram_range=(1, 2), stop_words='english')
        yield f'logistic regression, {len(pattern)} characters of token pattern', make_pipeline(vectorizer, LogisticRegression())
    yield 'logistic regression, characters anywhere', make_pipeline(
        TfidfVectorizer(analyzer='char', ngram_range=(2, 3), max_features=5000), LogisticRegression()
    )
    yield 'linear SVM', make_pipeline(seed_002(), svm)
    yield 'linear SVM, calibrated', make_pipeline(seed_002(), CalibratedClassifierCV(svm))
    yield 'linear SVM, isotonic', make_pipeline(seed_002(), CalibratedClassifierCV(svm, method='isotonic', cv=3))
    trees = RandomForestClassifier(30, max_depth=12, random_state=0)
    yield 'random forest, isotonic', make_pipeline(small(), CalibratedClassifierCV(trees, method='isotonic', cv=3))
    yield 'linear SVM, temperature', make_pipeline(seed_002(), CalibratedClassifierCV(svm, method='temperature', cv=3))
    yield 'pipeline, calibrated as a whole', CalibratedClassifierCV(make_pipeline(small(), svm), ensemble=False, cv=3)
    yield 'multinomial naive Bayes', make_pipeline(seed_002(), MultinomialNB())
    yield 'multinomial naive Bayes, counts', make_pipeline(CountVectorizer(binary=True, min_df=2), MultinomialNB())
    yield 'complement naive Bayes', make_pipeline(seed_002(), ComplementNB(norm=True))
    yield 'SGD, log loss', make_pipeline(seed_002(), SGDClassifier(loss='log_loss', random_state=0))
    yield 'SGD, hinge', make_pipeline(seed_002(), SGDClassifier(random_state=0))
    yield 'network', make_pipeline(small(), MLPClassifier((40, 20), max_iter=8, random_state=0))
    yield 'network, tanh', make_pipeline(small(), MLPClassifier((20,), activation='tanh', max_iter=4, random_state=0))
    yield 'random forest', make_pipeline(seed_002(), RandomForestClassifier(100, max_depth=10, random_state=0))
    yield 'random forest, deep', make_pipeline(small(), RandomForestClassifier(20, random_state=0))
    yield 'extra trees', make_pipeline(small(), ExtraTreesClassifier(20, max_depth=30, random_state=0))
    yield 'decision tree', make_pipeline(small(), DecisionTreeClassifier(max_depth=40, random_state=0))
    votes = [('lr', LogisticRegression()), ('nb', MultinomialNB()), ('svm', CalibratedClassifierCV(svm, cv=3))]
    yield 'soft votes', make_pipeline(seed_002(), VotingClassifier(votes, voting='soft', weights=[2, 1, 1]))


def two_classes():
    yield 'logistic regression', make_pipeline(seed_002(), LogisticRegression())
    yield 'linear SVM, calibrated', make_pipeline(small(), CalibratedClassifierCV(LinearSVC(random_state=0)))
    yield 'linear SVM, isotonic', make_pipeline(small(), CalibratedClassifierCV(LinearSVC(), method='isotonic', cv=3))
    yield 'network', make_pipeline(small(), MLPClassifier((20,), max_iter=4, random_state=0))
    yield 'SGD, log loss', make_pipeline(small(), SGDClassifier(loss='log_loss', random_state=0))
    yield 'random forest', make_pipeline(small(), RandomForestClassifier(10, random_state=0))


def main(source, folder):
    with open(source, newline='', encoding='utf8') as file:
        rows = [(row['text'], int(row['label'])) for row in csv.DictReader(file)]
    names = []
    for suffix, makers, kept in [('', pipelines, rows), (', two classes', two_classes, [r for r in rows if r[1] < 3])]:
        for name, pipeline in makers():
            pipeline.fit([text for text, _ in kept], [label for _, label in kept])
            names.append(name + suffix)
            joblib.dump(pipeline, os.path.join(folder, f'{names[-1]}.joblib'))
    print(json.dumps(names))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    warnings.simplefilter('ignore')
    main(*sys.argv[1:])
