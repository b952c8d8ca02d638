"""Reads a model folder as docs/model-folder.md describes it, without Pressroom, and asks its ONNX export.

    python onnx_predict.py FOLDER ROWS.jsonl

Prints, as JSON, the labels and the probabilities [rows x classes] that ONNX Runtime gives for the rows' texts; the
features come from scikit-learn. Needs onnxruntime and scikit-learn.
"""

import json
import pathlib
import struct
import sys

import numpy
import onnxruntime
from sklearn.feature_extraction.text import TfidfVectorizer


def container(path: pathlib.Path) -> tuple:
    """The data of features.bin or model.bin, and the arrays that it names."""
    content = path.read_bytes()
    magic, version, length = struct.unpack_from('<8sII', content)
    assert magic == b'PRESSA\x1a\n' and version == 1
    header = json.loads(content[16 : 16 + length])
    arrays, offset = [], 16 + length
    for entry in header['arrays']:
        offset = -(-offset // 8) * 8
        kind = numpy.dtype(entry['type']).newbyteorder('<')
        arrays.append(numpy.frombuffer(content, kind, entry['length'], offset))
        offset += arrays[-1].nbytes
    return header['data'], arrays


def vectorizer(folder: pathlib.Path) -> TfidfVectorizer:
    [(name, text)] = json.loads((folder / 'pressroom.json').read_text('utf8'))['settings']['text'].items()
    data, arrays = container(folder / 'features.bin')
    learnt = data['text'][name]
    packed = arrays[learnt['vocabulary']['bytes']['array']].tobytes()
    ends = arrays[learnt['vocabulary']['ends']['array']].tolist()
    vectors = TfidfVectorizer(
        lowercase=text['lowercase'],
        stop_words=None if text['stopWords'] == 'none' else text['stopWords'],
        ngram_range=tuple(text['ngramRange']),
        sublinear_tf=text['sublinearTf'],
        vocabulary=[packed[start:end].decode('utf8') for start, end in zip([0, *ends], ends)],
    )
    vectors.idf_ = arrays[learnt['idf']['array']].astype(float)
    return vectors


def main(folder: pathlib.Path, rows: pathlib.Path) -> None:
    lines = rows.read_text('utf8').split('\n')[:-1]
    matrix = vectorizer(folder).transform([json.loads(line)['text'] for line in lines]).tocsr()
    session = onnxruntime.InferenceSession(folder / 'model.onnx', providers=['CPUExecutionProvider'])
    answers = {'labels': [], 'probabilities': []}
    for row in matrix:
        ids, values = row.indices.astype('int64')[None, :], row.data.astype('float32')[None, :]
        if ids.size == 0:
            ids, values = numpy.zeros((1, 1), 'int64'), numpy.zeros((1, 1), 'float32')
        label, probabilities = session.run(['label', 'probabilities'], {'ids': ids, 'values': values})
        answers['labels'].append(int(label[0]))
        answers['probabilities'].append(probabilities[0].astype(float).tolist())
    print(json.dumps(answers))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*map(pathlib.Path, sys.argv[1:]))
