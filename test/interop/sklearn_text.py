"""Makes matrices with scikit-learn, for sklearn-text.ts to compare ours with.

    python sklearn_text.py fuzz OUT.json [SEED]     texts of every assigned character, and of random ones
    python sklearn_text.py fit CASE.json OUTDIR     the matrices of one case
    python sklearn_text.py golden IN.json OUT.json  the goldens of test/core/text.test.ts, from their own rows and settings

CASE.json has `settings` (FeatureSettings, complete), `train` and `test` (texts, or rows of `text` and `columns`) and `labels`.
Into OUTDIR go vocabulary.json and, for train and test, indptr, indices (int32) and values (float64) as they lie in memory.
"""

import os

# The same order of ties in max_features on every machine: see sklearn_goldens.py.
os.environ['NPY_DISABLE_CPU_FEATURES'] = 'X86_V3 X86_V4 AVX2 AVX512F AVX512_SKX AVX512_ICL AVX512_SPR'

import html
import json
import random
import re
import sys
import unicodedata
import warnings

warnings.filterwarnings('ignore')

import numpy
import scipy.sparse
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_extraction.text import strip_accents_ascii, strip_accents_unicode
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler


# Unicode 15.1 and 16 gave them another general category, and with it another say in which sigma is final.
CHANGED = {'\u0295', '\U0001171e'}


def fuzz(seed):
    """Characters this Python knows; a newer Unicode has more letters, and that is no difference between the two of us."""
    known = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in ('Cn', 'Cs') and not CHANGED & set(unicodedata.normalize('NFKD', c))]
    # Each character between letters, after a capital and before an accent.
    pieces = [f'aB{c}cΣ{c}\u0301d' for c in known]
    texts = [' '.join(pieces[i : i + 40]) for i in range(0, len(pieces), 40)]
    chance = random.Random(seed)
    few = [c for c in known if ord(c) < 0x250] + list(' \t\n\x1c\x85\xa0\u2028\u3000 .,\'"-_&;#@/:Σσςİıßŉΐﬁ')
    for _ in range(4000):
        letters = chance.choice([known, few, few, 'aAbB Éé_1 ', 'ab \n'])
        texts.append(''.join(chance.choice(letters) for _ in range(chance.randrange(60))))
    words = ['&amp;', '&#39;', '&eacute', '&lt;b&gt;', 'http://a.b/c?d', 'www.x.org', 'Www.', '@name', 'a@b.c', '12', '3.4%', 'ﬁn', '²', 'ΟΔΟΣ', 'İzmir']
    for _ in range(1000):
        texts.append(' '.join(chance.choice(words) for _ in range(chance.randrange(12))))
    return texts


def preprocessor(of):
    """The switches that scikit-learn has no setting for, in Python's own terms; None where there is none."""
    if not any(of[key] for key in ('decodeEntities', 'removeUrls', 'removeMentions', 'removeNumbers', 'removePunctuation', 'minTextLength')):
        if of['unicodeForm'] == 'none':
            return None
    accents = {'none': lambda s: s, 'unicode': strip_accents_unicode, 'ascii': strip_accents_ascii}[of['stripAccents']]

    def prepare(text):
        if of['decodeEntities']:
            text = html.unescape(text)
        if of['unicodeForm'] != 'none':
            text = unicodedata.normalize(of['unicodeForm'], text)
        if of['removeUrls']:
            text = re.sub(r'(?i)(?:https?://|\bwww\.)\S+', ' ', text)
        if of['removeMentions']:
            text = re.sub(r'(?<![\w.])@\w+', ' ', text)
        if of['lowercase']:
            text = text.lower()
        text = accents(text)
        if of['removeNumbers']:
            text = ''.join(c for c in text if not c.isdecimal())
        if of['removePunctuation']:
            text = ''.join(' ' if unicodedata.category(c)[0] in 'PS' else c for c in text)
        return '' if len(text.strip()) < of['minTextLength'] else text

    return prepare


def vectorizer(of):
    stop_words = of['stopWords'] if isinstance(of['stopWords'], list) else {'none': None, 'english': 'english'}[of['stopWords']]
    norm = None if of['norm'] == 'none' else of['norm']
    common = dict(
        preprocessor=preprocessor(of),
        lowercase=of['lowercase'],
        strip_accents=None if of['stripAccents'] == 'none' else of['stripAccents'],
        analyzer=of['analyzer'],
        **({'token_pattern': of['tokenPattern']} if 'tokenPattern' in of else {}),
        stop_words=stop_words,
        ngram_range=tuple(of['ngramRange']),
        binary=of['binary'],
    )
    if of['vectorizer'] == 'hashing':
        return HashingVectorizer(**common, norm=norm, n_features=of['nFeatures'], alternate_sign=of['alternateSign'])
    vocabulary = dict(
        max_df=float(of['maxDf']) if of['maxDf'] <= 1 else of['maxDf'],
        min_df=float(of['minDf']) if of['minDf'] < 1 else of['minDf'],
        max_features=of['maxFeatures'],
    )
    if of['vectorizer'] == 'count':
        return CountVectorizer(**common, **vocabulary)
    return TfidfVectorizer(
        **common,
        **vocabulary,
        use_idf=of['useIdf'],
        smooth_idf=of['smoothIdf'],
        sublinear_tf=of['sublinearTf'],
        norm=norm,
    )


def columns_of(rows, name, of):
    cells = [row['columns'].get(name) for row in rows]
    if of['kind'] == 'categorical':
        return numpy.array([['' if c is None else str(c)] for c in cells], dtype=object)
    return numpy.array([[numpy.nan if c is None or c == '' else float(c)] for c in cells])


def numeric(of, train, test):
    scaler = {'standard': StandardScaler, 'minmax': MinMaxScaler}[of['scale']]().fit(train)
    mean = numpy.nanmean(train)
    return [scaler.transform(numpy.where(numpy.isnan(x), mean, x)) for x in (train, test)]


def fit(case):
    settings, labels = case['settings'], case['labels']
    split = [[row if isinstance(row, dict) else {'text': row, 'columns': {}} for row in case[part]] for part in ('train', 'test')]
    texts = [[row['text'] for row in rows] for rows in split]
    blocks, names = [], []
    for name, of in settings['text'].items():
        vectors = vectorizer(of)
        blocks.append([of['weight'] * vectors.fit_transform(texts[0]), of['weight'] * vectors.transform(texts[1])])
        prefix = f'{name}:' if len(settings['text']) > 1 else ''
        if of['vectorizer'] == 'hashing':
            names += [f'{prefix}hash {column}' for column in range(of['nFeatures'])]
        else:
            names += [prefix + ngram for ngram in vectors.get_feature_names_out()]
    for name, of in settings['columns'].items():
        cells = [columns_of(rows, name, of) for rows in split]
        if of['kind'] == 'numeric':
            blocks.append([scipy.sparse.csr_matrix(x) for x in numeric(of, *cells)])
            names.append(name)
        else:
            encoder = OneHotEncoder(handle_unknown=of['handleUnknown']).fit(cells[0])
            blocks.append([encoder.transform(x) for x in cells])
            names += [f'{name}={value}' for value in encoder.categories_[0]]
    matrices = [scipy.sparse.hstack(parts, format='csr') if len(parts) > 1 else parts[0].tocsr() for parts in zip(*blocks)]
    if settings['select'] is not None:
        best = SelectKBest(chi2, k=settings['select']['k']).fit(matrices[0], labels)
        matrices = [best.transform(matrix) for matrix in matrices]
        names = [names[i] for i in best.get_support(indices=True)]
    return names, matrices


def golden(source):
    """To add a case, give it `settings` in IN.json."""
    for case in source['cases'].values():
        names, matrices = fit({**source, **case})
        if all(of['vectorizer'] != 'hashing' for of in case['settings']['text'].values()):
            case['names'] = names
        for part, matrix in zip(('train', 'test'), matrices):
            matrix.sort_indices()
            case[f'{part}Matrix'] = {
                'indptr': matrix.indptr.tolist(),
                'indices': matrix.indices.tolist(),
                'values': [float(f'{value:.9g}') for value in matrix.data],
            }
    return source


def main(task, *args):
    if task == 'golden':
        with open(args[0], encoding='utf8') as file:
            made = golden(json.load(file))
        with open(args[1], 'w', encoding='utf8', newline='\n') as file:
            json.dump(made, file, ensure_ascii=True, separators=(',', ':'))
            file.write('\n')
        return
    if task == 'fuzz':
        with open(args[0], 'w', encoding='utf8') as file:
            json.dump(fuzz(int(args[1]) if len(args) > 1 else 1), file)
        return
    with open(args[0], encoding='utf8') as file:
        case = json.load(file)
    names, matrices = fit(case)
    with open(os.path.join(args[1], 'vocabulary.json'), 'w', encoding='utf8') as file:
        json.dump(names, file)
    for part, matrix in zip(('train', 'test'), matrices):
        matrix.sort_indices()
        for name, kind, values in (
            ('indptr', 'int32', matrix.indptr),
            ('indices', 'int32', matrix.indices),
            ('values', 'float64', matrix.data),
        ):
            values.astype(kind).tofile(os.path.join(args[1], f'{part}.{name}'))


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
