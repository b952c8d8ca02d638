"""The peer's side of the learning bench: `python peer.py CORPUS`, then the protocol of contender.ts."""

import os

for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
    os.environ[name] = '1'
# max_features then keeps the same of several equally frequent n-grams everywhere: see test/interop/sklearn_goldens.py.
os.environ['NPY_DISABLE_CPU_FEATURES'] = 'X86_V3 X86_V4 AVX2 AVX512F AVX512_SKX AVX512_ICL AVX512_SPR'

import csv
import json
import re
import resource
import sys
import time
import warnings

warnings.filterwarnings('ignore')

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion


def read(name):
    with open(os.path.join(sys.argv[1], name), encoding='utf8', newline='') as file:
        return [row['text'] for row in csv.DictReader(file)]


def words():
    return TfidfVectorizer(
        max_features=10_000, ngram_range=(1, 2), stop_words='english', max_df=0.95, min_df=2, sublinear_tf=True
    )


def union():
    return FeatureUnion(
        [
            ('words', TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
            ('characters', TfidfVectorizer(analyzer='char_wb', ngram_range=(2, 5), sublinear_tf=True)),
        ]
    )


train, test = read('train.csv'), read('test.csv')


def sizes(matrix):
    return [*matrix.shape, int(matrix.nnz)]


def transformed(vectorizer):
    vectorizer.fit(train)
    return lambda: sizes(vectorizer.transform(test))


# By the name of the work: what is done outside of the clock, and gives what is done inside.
WORK = {
    'nothing': lambda: lambda: [len(train), len(test)],
    'fit words': lambda: lambda: sizes(words().fit_transform(train)),
    'transform words': lambda: transformed(words()),
    'fit union': lambda: lambda: sizes(union().fit_transform(train)),
    'transform union': lambda: transformed(union()),
}

def peak():
    """As serve.ts measures it."""
    try:
        with open('/proc/self/status') as file:
            return int(re.search(r'^VmHWM:\s+(\d+) kB', file.read(), re.M)[1]) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


for line in sys.stdin:
    run = WORK[json.loads(line)['work']]()
    cpu, wall = time.process_time(), time.perf_counter()
    result = run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({'cpu': 1000 * cpu, 'wall': 1000 * wall, 'peak': peak(), 'result': result}), flush=True)
