"""The peer's side of the search bench: `python peer_search.py CORPUS`, then the protocol of contender.ts."""

import os

for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ[name] = '1'

import csv
import json
import resource
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

with open(os.path.join(sys.argv[1], 'train.csv'), encoding='utf8', newline='') as file:
    rows = list(csv.DictReader(file))
texts, labels = [row['text'] for row in rows], [row['label'] for row in rows]


def search(jobs):
    words = TfidfVectorizer(
        max_features=10_000, ngram_range=(1, 2), stop_words='english', max_df=0.95, min_df=2, sublinear_tf=True
    )
    pipeline = Pipeline([('features', words), ('model', LogisticRegression(max_iter=1000))])
    grid = {'model__C': [0.1, 0.3, 1, 3, 10]}
    found = GridSearchCV(pipeline, grid, cv=5, n_jobs=jobs, refit=False).fit(texts, labels)
    return [float(mean) for mean in found.cv_results_['mean_test_score']]


def processor():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


for line in sys.stdin:
    jobs = 1 if json.loads(line)['work'] == 'one' else -1
    cpu, wall = processor(), time.perf_counter()
    result = search(jobs)
    wall, cpu = time.perf_counter() - wall, processor() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({'cpu': 1000 * cpu, 'wall': 1000 * wall, 'peak': peak, 'result': result}), flush=True)
