"""The peer of whole-ours.ts: `python whole_peer.py CORPUS`."""

import csv
import os
import sys

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def read(name):
    with open(os.path.join(sys.argv[1], name), encoding='utf8', newline='') as file:
        rows = list(csv.DictReader(file))
    return [row['text'] for row in rows], [row['label'] for row in rows]


pipeline = make_pipeline(
    TfidfVectorizer(
        max_features=10_000, ngram_range=(1, 2), stop_words='english', max_df=0.95, min_df=2, sublinear_tf=True
    ),
    LogisticRegression(max_iter=1000),
)
pipeline.fit(*read('train.csv'))
print(pipeline.score(*read('test.csv')))
