"""Asks the ONNX files of a model folder, without Pressroom.

    python onnx_predict.py features FOLDER ROWS.jsonl   model.onnx; its features by docs/model-folder.md and scikit-learn
    python onnx_predict.py text FOLDER ROWS.jsonl       text.onnx
    python onnx_predict.py standard FOLDER ROWS.jsonl   text.onnx, checked by onnx and run by its reference evaluator, which has no
                                                        operators but the standard's

Prints, as JSON, the labels and the probabilities [rows x classes] for the rows' texts. Needs onnxruntime, scikit-learn and onnx.
"""

import json
import pathlib
import struct
import sys

import numpy
import onnx
import onnx.reference
import onnxruntime
from sklearn.feature_extraction.text import TfidfVectorizer


def container(path: pathlib.Path) -> tuple:
    """The data of features.bin or model.bin, and the arrays that it names."""
    content = path.read_bytes()
    magic, version, length = struct.unpack_from('<8sII', content)
    assert magic == b'PRESSA\x1a\n' and version == 2
    header = json.loads(content[16 : 16 + length])
    arrays, offset = [], 16 + length
    for entry in header['arrays']:
        offset = -(-offset // 8) * 8
        kind = numpy.dtype(entry['type']).newbyteorder('<')
        written = numpy.frombuffer(content, kind, entry['length'], offset)
        arrays.append(numpy.cumsum(written, dtype='u4') if entry.get('steps') else written)
        offset += written.nbytes
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


def session(path: pathlib.Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])


def padded(matrix) -> dict:
    """Rows of a sparse matrix, each filled up with id 0 and value 0."""
    width = max(1, max(row.nnz for row in matrix))
    ids, values = numpy.zeros((matrix.shape[0], width), 'int64'), numpy.zeros((matrix.shape[0], width), 'float32')
    for i, row in enumerate(matrix):
        ids[i, : row.nnz], values[i, : row.nnz] = row.indices, row.data
    return {'ids': ids, 'values': values}


def features(folder: pathlib.Path):
    vectors, asked = vectorizer(folder), session(folder / 'model.onnx')
    return lambda batch: asked.run(['label', 'probabilities'], padded(vectors.transform(batch).tocsr()))


def text(folder: pathlib.Path):
    asked = session(folder / 'text.onnx')
    return lambda batch: asked.run(['label', 'probabilities'], {'text': numpy.array(batch, object)})


def standard(folder: pathlib.Path):
    model = onnx.load(folder / 'text.onnx')
    onnx.checker.check_model(model, full_check=True)
    assert {entry.domain for entry in model.opset_import} <= {'', 'ai.onnx.ml'}
    asked = onnx.reference.ReferenceEvaluator(model)
    return lambda batch: asked.run(['label', 'probabilities'], {'text': numpy.array(batch, object)})


def main(which: str, folder: pathlib.Path, rows: pathlib.Path) -> None:
    texts = [json.loads(line)['text'] for line in rows.read_text('utf8').split('\n')[:-1]]
    ask = {'features': features, 'text': text, 'standard': standard}[which](folder)
    answers = {'labels': [], 'probabilities': []}
    for start in range(0, len(texts), 64):
        label, probabilities = ask(texts[start : start + 64])
        answers['labels'] += label.tolist()
        answers['probabilities'] += probabilities.astype(float).tolist()
    print(json.dumps(answers))


if __name__ == '__main__':
    if len(sys.argv) != 4 or sys.argv[1] not in ('features', 'text', 'standard'):
        sys.exit(__doc__)
    main(sys.argv[1], *map(pathlib.Path, sys.argv[2:]))
