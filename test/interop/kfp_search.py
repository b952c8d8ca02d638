"""The search of pipelines/search.ts as somebody writes it in Python from our components, compiled by the Python SDK.

    python kfp_search.py COMPONENTS OUT.yaml

COMPONENTS is the folder of the stages. Needs `pip install kfp`.
"""

import pathlib
import sys
from typing import NamedTuple

from kfp import compiler, components, dsl

DESCRIPTION = 'A search over settings, shared out between tasks, and the winner trained and judged.'
SPACE = {'learner.parameters.c': [0.1, 0.3, 1, 3, 10, 30]}
SHARDS = ['1/3', '2/3', '3/3']


def main(folder, out):
    stages = ('ingest', 'tune', 'choose', 'train', 'evaluate')
    ingest, tune, choose, train, evaluate = (
        components.load_component_from_file(str(folder / name / 'component.yaml')) for name in stages
    )

    @dsl.pipeline(name='search', description=DESCRIPTION)
    def search(
        source: str = 'examples/newsroom/news.csv',
        seed: int = 7,
        space: dict = SPACE,
        folds: int = 5,
        shards: list = SHARDS,
    ) -> NamedTuple('Outputs', [('winner', str), ('accuracy', float)]):
        data = ingest(source=source, seed=seed)
        with dsl.ParallelFor(shards) as shard:
            part = tune(train=data.outputs['train'], space=space, folds=folds, shard=shard)
        chosen = choose(results=dsl.Collected(part.outputs['results']), train=data.outputs['train'], folds=folds)
        fitted = train(
            train=data.outputs['train'],
            validation=data.outputs['validation'],
            preset='custom',
            learner=chosen.outputs['learner'],
            features=chosen.outputs['features'],
        )
        report = evaluate(model=fitted.outputs['model'], test=data.outputs['test'], train=data.outputs['train'])
        outputs = NamedTuple('Outputs', [('winner', str), ('accuracy', float)])
        return outputs(winner=chosen.outputs['winner'], accuracy=report.outputs['accuracy'])

    compiler.Compiler().compile(search, out)


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]), sys.argv[2])
