"""Compiles pipelines with the Python SDK, for test/pipelines/compiler.test.ts to compare with what ours makes of them.

    python kfp_goldens.py FOLDER

Needs `pip install kfp==2.17.0 kfp-kubernetes==2.17.0`. The pipelines hold no Python function, so that every byte of meaning must agree.
"""

import pathlib
import sys
import tempfile
from typing import Dict, List, NamedTuple, Optional

import yaml
from kfp import compiler, dsl, kubernetes


@dsl.container_component
def toss(sides: int, face: dsl.OutputPath(str), weight: dsl.OutputPath(float), fair: dsl.OutputPath(bool),
         eyes: dsl.OutputPath(int), log: dsl.Output[dsl.Dataset]):
    return dsl.ContainerSpec(image='alpine', command=['toss', sides], args=[face, weight, fair, eyes, log.path])


@dsl.container_component
def report(log: dsl.Input[dsl.Dataset], note: str = 'none'):
    return dsl.ContainerSpec(image='alpine', command=['report', log.path, note])


@dsl.container_component
def bet(face: str, stake: float):
    return dsl.ContainerSpec(image='alpine', command=['bet', face, stake])


@dsl.pipeline(name='nested-conditions', description='Values of every kind across\nthe borders of groups.',
              display_name='Nested conditions')
def nested_conditions(start: dsl.Input[dsl.Dataset], limit: int, sides: int = 6, share: float = 0.5,
                      go: bool = True):
    first = toss(sides=sides)
    second = toss(sides=2).set_caching_options(False)
    with dsl.If(first.outputs['face'] == 'heads'):
        report(log=second.outputs['log'])
        with dsl.If(second.outputs['eyes'] > limit):
            third = toss(sides=limit).set_cpu_limit('500m').set_memory_limit('256Mi')
            with dsl.If(third.outputs['weight'] >= 5.0):
                bet(face=first.outputs['face'], stake=share).set_display_name('The bet')
                report(log=start, note='deep').after(third)
            with dsl.If(third.outputs['fair'] == False):
                bet(face=third.outputs['face'], stake=third.outputs['weight']).set_retry(
                    3, backoff_duration='30s')
    with dsl.If(go == True):
        report(log=first.outputs['log']).after(second)
    with dsl.If(second.outputs['face'] != first.outputs['face']):
        bet(face='edge', stake=1.5)
        with dsl.If(second.outputs['eyes'] <= 3):
            bet(face='tails', stake=2.0)


@dsl.pipeline(name='same-names')
def same_names():
    first = toss(sides=1)
    second = toss(sides=2).after(first)
    with dsl.If(second.outputs['eyes'] < 0):
        toss(sides=3)
        with dsl.If(first.outputs['fair'] == True):
            toss(sides=4).after(first)


@dsl.container_component
def coin(face: dsl.OutputPath(str), n: dsl.OutputPath(int), out: dsl.Output[dsl.Dataset]):
    return dsl.ContainerSpec(image='alpine', command=['x'], args=[face, n, out.path])


@dsl.container_component
def op(word: str, out: dsl.OutputPath(str)):
    return dsl.ContainerSpec(image='alpine', command=['x', word], args=[out])


@dsl.container_component
def sink(word: str):
    return dsl.ContainerSpec(image='alpine', command=['x', word])


@dsl.container_component
def num(n: int):
    return dsl.ContainerSpec(image='alpine', command=['x', n])


@dsl.container_component
def gather(words: List[str]):
    return dsl.ContainerSpec(image='alpine', command=['x', words])


@dsl.container_component
def eat(d: dsl.Input[dsl.Dataset]):
    return dsl.ContainerSpec(image='alpine', command=['x', d.path])


@dsl.container_component
def lister(l: dsl.OutputPath(List[int])):
    return dsl.ContainerSpec(image='alpine', command=['x', l])


@dsl.container_component
def feast(ds: dsl.Input[List[dsl.Dataset]]):
    return dsl.ContainerSpec(image='alpine', command=['x', ds])


@dsl.container_component
def weigh(share: float, extra: Dict[str, str], fine: bool = True, maybe: Optional[str] = None):
    return dsl.ContainerSpec(image='alpine', command=[
        'x', share, extra, dsl.IfPresentPlaceholder('maybe', then=['--maybe', dsl.ConcatPlaceholder(['é', maybe])])])


@dsl.pipeline(name='deep')
def deep(go: str, words: List[str], structs: List[Dict[str, int]], lim: int = 3):
    ex = op(word='exit')
    c0 = coin()
    with dsl.ExitHandler(ex, name='guarded'):
        c1 = coin()
        with dsl.If(c1.outputs['face'] == 'heads', name='heads'):
            with dsl.ParallelFor(words, parallelism=2) as w:
                o = op(word=w)
                with dsl.If(w == 'x'):
                    sink(word=o.outputs['out'])
                with dsl.ParallelFor([1, 2]) as i:
                    num(n=i)
                    with dsl.If(i > lim):
                        sink(word=f"{go} and {lim} of {c1.outputs['n']}")
            gather(words=dsl.Collected(o.outputs['out']))
        with dsl.Elif(c1.outputs['n'] > 2):
            sink(word=go)
            op(word='elif')
        with dsl.Else():
            e = op(word='else')
            with dsl.If(go == 'y'):
                sink(word=e.outputs['out'])
    with dsl.ParallelFor(structs) as s:
        num(n=s.a)
        with dsl.If(s.a == 3):
            num(n=s.b)
            op(word='last')
    l = lister()
    with dsl.ParallelFor(l.outputs['l']) as n:
        with dsl.If(n >= 2):
            cc = coin()
            with dsl.If(cc.outputs['face'] == 'heads'):
                p1 = coin()
            with dsl.Elif(cc.outputs['face'] == 'tails'):
                p2 = coin()
            with dsl.Else():
                p3 = coin()
            x = dsl.OneOf(p1.outputs['face'], p2.outputs['face'], p3.outputs['face'])
            y = dsl.OneOf(p1.outputs['out'], p2.outputs['out'], p3.outputs['out'])
            with dsl.If(c0.outputs['face'] == 'edge'):
                eat(d=y)
                sink(word=x)


@dsl.pipeline(name='inner')
def inner(words: List[str], share: float = 0.5) -> List[str]:
    with dsl.ParallelFor(words, name='outer loop') as w:
        with dsl.ParallelFor([1.5, 2.0]) as s:
            o = op(word=w)
            weigh(share=s, extra={'é"': 'a'})
        gather(words=dsl.Collected(o.outputs['out']))
    with dsl.If(share > 1.0):
        sink(word='much')
    return dsl.Collected(o.outputs['out'])


@dsl.pipeline(name='innermost')
def innermost(go: str) -> dsl.Dataset:
    with dsl.If(go == 'a'):
        a = coin()
    with dsl.Else():
        b = coin()
    return dsl.OneOf(a.outputs['out'], b.outputs['out'])


@dsl.pipeline(
    name='wide', display_name='Wide', description='Everything beside groups.', pipeline_root='gs://bucket/root',
    pipeline_config=dsl.PipelineConfig(
        workspace=dsl.WorkspaceConfig(size='2Gi'), ttl_seconds_after_finished=60, active_deadline_seconds=3600))
def wide(go: str, words: List[str], table: dsl.Input[dsl.Dataset],
         tables: dsl.Input[List[dsl.Dataset]], cpu: str = '1', limits: Dict[str, str] = {}):
    first = op(word='first')
    got = inner(words=words).set_caching_options(False)
    gather(words=got.output)
    nested = innermost(go=first.outputs['out']).set_display_name('In it')
    eat(d=nested.output)
    feast(ds=tables)
    with dsl.ParallelFor(tables) as t:
        eat(d=t)
    with dsl.ParallelFor(['ü', 'b']) as word:
        collected = coin().after(first)
        sink(word=word)
    feast(ds=dsl.Collected(collected.outputs['out']))
    weigh(share=1.0, extra={'a': f"{go}!", 'b': first.outputs['out']}, maybe=go).set_cpu_limit(cpu).set_cpu_request(
        '250m').set_memory_request('1G').set_accelerator_type('NVIDIA_TESLA_T4').set_accelerator_limit(2)
    sink(word=go).set_container_image(first.outputs['out']).set_env_variable('A', 'b').set_retry(
        2, backoff_duration='30s', backoff_factor=3.0, backoff_max_duration='600s')
    imported = dsl.importer(artifact_uri=go, artifact_class=dsl.Model, reimport=True,
                            metadata={'go': go, 'n': ['x', {'y': first.outputs['out']}], 'again': go})
    keyed = sink(word='keyed').set_caching_options(True, cache_key='my-key').after(imported)
    with dsl.ExitHandler(sink(word='exit')) as guarded:
        num(n=1)
    sink(word='after').after(guarded)
    task = sink(word='kubernetes')
    kubernetes.use_secret_as_env(task, secret_name=go, secret_key_to_env={'k': 'K'})
    kubernetes.use_secret_as_volume(task, secret_name='s', mount_path='/s', optional=True)
    kubernetes.use_config_map_as_env(task, config_map_name='c', config_map_key_to_env={'k': 'C'})
    kubernetes.use_config_map_as_volume(task, config_map_name=first.outputs['out'], mount_path='/c')
    kubernetes.mount_pvc(task, pvc_name='claim', mount_path='/v', sub_path='sub')
    kubernetes.mount_pvc(task, pvc_name=go, mount_path='/w')
    kubernetes.add_ephemeral_volume(task, volume_name='e', mount_path='/e', access_modes=['ReadWriteOnce'],
                                    size='1Gi', labels={'l': '1'})
    kubernetes.empty_dir_mount(task, volume_name='d', mount_path='/d', medium='Memory', size_limit='1Gi')
    kubernetes.add_node_selector(task, 'disk', 'ssd')
    kubernetes.add_toleration(task, key='k', operator='Equal', value='v', effect='NoExecute', toleration_seconds=30)
    kubernetes.add_node_affinity(task, match_expressions=[{'key': 'z', 'operator': 'In', 'values': ['a']}], weight=5)
    kubernetes.add_pod_label(task, 'pod', 'label')
    kubernetes.add_pod_annotation(task, 'pod', 'note')
    kubernetes.set_image_pull_secrets(task, ['pull', go])
    kubernetes.set_image_pull_policy(task, 'Always')
    kubernetes.set_timeout(task, 120)
    kubernetes.set_security_context(task, run_as_user=1000, run_as_non_root=True)
    kubernetes.use_field_path_as_env(task, 'NODE', 'spec.nodeName')
    with dsl.If(go == 'z'):
        kubernetes.add_node_selector_json(sink(word='in'), limits)


@dsl.container_component
def scale(n: int, d: dsl.Output[dsl.Dataset], twice: dsl.OutputPath(int)):
    """Scales.

    Args:
        n: By how much.

    Returns:
        d: What came of it.
        twice: Two times n.
    """
    return dsl.ContainerSpec(image='alpine', command=['scale', n], args=[d.path, twice])


@dsl.pipeline(name='inner-odds')
def inner_odds(uri: str) -> dsl.Dataset:
    brought = dsl.importer(artifact_uri=uri, artifact_class=dsl.Dataset, reimport=True, download_to_workspace=True)
    return brought.output


@dsl.pipeline(
    name='odds', description='What the others leave out.',
    pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(
        size='1Gi', kubernetes=dsl.KubernetesWorkspaceConfig(
            pvcSpecPatch={'storageClassName': 'standard', 'accessModes': ['ReadWriteOnce']}))))
def odds(name: str, limit: int = 2) -> NamedTuple('Outputs', [('all', List[dsl.Dataset]), ('twice', int)]):
    """Odds.

    Args:
        name: Of the image.
        limit: Least to scale by.

    Returns:
        twice: Two times three.
    """
    word = op(word=name)
    dsl.importer(artifact_uri='gs://b/a', artifact_class=dsl.Model,
                 metadata={'n': f'x-{word.output}', word.output: name, name: {'k': [limit, 'l']}})
    with dsl.ParallelFor([1, 2, 3]) as n:
        with dsl.If(n >= limit):
            made = scale(n=n)
    feast(ds=dsl.Collected(made.outputs['d']))
    last = scale(n=3)
    inner_odds(uri=word.output)
    kubernetes.use_config_map_as_volume(last, config_map_name='c', mount_path='/c')
    kubernetes.add_ephemeral_volume(last, volume_name='e', mount_path='e', access_modes=['ReadWriteOnce'], size='1Gi',
                                    annotations={'a': '1'})
    kubernetes.set_security_context(last, run_as_user=1000, run_as_group=0)
    kubernetes.add_node_affinity_json(last, {'preferredDuringSchedulingIgnoredDuringExecution': [
        {'weight': 5, 'preference': {'matchExpressions': [{'key': 'z', 'operator': 'In', 'values': ['a']}]}}]})
    kubernetes.add_toleration_json(last, {'key': 'k', 'operator': 'Exists'})
    kubernetes.use_secret_as_env(last, secret_name=word.output, secret_key_to_env={'k': 'K'})
    outputs = NamedTuple('Outputs', [('all', List[dsl.Dataset]), ('twice', int)])
    return outputs(all=dsl.Collected(made.outputs['d']), twice=last.outputs['twice'])


@dsl.pipeline(name='loops')
def loops(words: List[str], structs: List[Dict[str, int]], limit: int = 2, share: float = 0.5, go: bool = True):
    first = op(word='first')
    with dsl.ParallelFor([{'tag': 'a', 'size': 'small'}, {'tag': 'b', 'size': 'big'}]) as item:
        sink(word=item.tag)
        with dsl.If(item.size == 'big', name='big ones'):
            sink(word='big')
    with dsl.ParallelFor([1, 2, 3], name='kept', parallelism=1) as number:
        with dsl.If(number >= limit):
            kept = coin()
        with dsl.ParallelFor(words) as word:
            with dsl.If(word != 'skip'):
                with dsl.If(go == False):
                    deepest = op(word=f'{first.outputs["out"]}, {limit}')
            before = sink(word=word)
        sink(word='after the loop').after(before)
    feast(ds=dsl.Collected(kept.outputs['out']))
    gather(words=dsl.Collected(deepest.outputs['out']))
    with dsl.ParallelFor(structs) as pair:
        num(n=pair.low)
        with dsl.If(pair.low < pair.high):
            num(n=pair.high)
    with dsl.ParallelFor([True, False]) as flag:
        with dsl.If(flag == True):
            weigh(share=share, extra={'n': [1, 2.5, {'deep': 'er'}]}, fine=flag)
        with dsl.Elif(share <= 2.0):
            sink(word='elif')
        with dsl.Else():
            sink(word='else')
    sink(word='last').after(before)


@dsl.container_component
def mourn(status: dsl.PipelineTaskFinalStatus, config: dsl.TaskConfig, note: str = 'none'):
    return dsl.ContainerSpec(image='alpine', command=['x', '--note={{$.inputs.parameters[\'note\']}}', '{{$}}'])


@dsl.container_component
def bury(note: str = 'none'):
    return dsl.ContainerSpec(image='alpine', command=['x', note])


# Only components with a Python function can be given these by the SDK.
mourn.component_spec.task_config_passthroughs = [
    dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.RESOURCES, apply_to_task=True),
    dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.ENV, apply_to_task=False),
]


class Endpoint(dsl.Artifact):
    schema_title = 'google.VertexEndpoint'
    schema_version = '0.0.0'


@dsl.container_component
def ask(endpoint: dsl.Input[Endpoint], answer: dsl.Output[Endpoint], table: dsl.Input[dsl.Dataset] = None,
        maybe: Optional[int] = None):
    return dsl.ContainerSpec(image='alpine', command=['x', endpoint.uri, endpoint.metadata['region'], answer.path], args=[
        dsl.IfPresentPlaceholder('maybe', then='--maybe', else_=['--never', '--ever'])])


@dsl.pipeline(name='asking')
def asking(endpoint: dsl.Input[Endpoint], maybe: Optional[int] = None, note: Optional[str] = None,
           table: dsl.Input[dsl.Dataset] = None) -> NamedTuple('Outputs', [('answer', Endpoint), ('notes', List[str])]):
    """Asks, and takes notes.

    Returns:
        answer: What it said.
    """
    asked = ask(endpoint=endpoint, maybe=maybe, table=table)
    with dsl.ParallelFor(['a', 'b']) as word:
        noted = op(word=word)
    outputs = NamedTuple('Outputs', [('answer', Endpoint), ('notes', List[str])])
    return outputs(answer=asked.outputs['answer'], notes=dsl.Collected(noted.outputs['out']))


@dsl.pipeline(
    name='edges', pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(
        size='1Gi', kubernetes=dsl.KubernetesWorkspaceConfig(pvcSpecPatch={'accessModes': ['ReadWriteOnce']}))))
def edges(uri: str, region: str = 'eu', table: dsl.Input[dsl.Dataset] = None):
    with dsl.ExitHandler(mourn(note=region), name='whatever comes'):
        named = op(word=dsl.PIPELINE_JOB_NAME_PLACEHOLDER)
        sink(word=dsl.PIPELINE_TASK_ID_PLACEHOLDER)
        sink(word=f'{dsl.WORKSPACE_PATH_PLACEHOLDER}/{region}')
    made = op(word=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER)
    endpoint = dsl.importer(
        artifact_uri=uri, artifact_class=Endpoint, download_to_workspace=True,
        metadata={'region': region, made.outputs['out']: [f'{region}!', {'deep': made.outputs['out']}]})
    first = asking(endpoint=endpoint.output)
    asking(endpoint=first.outputs['answer'], maybe=3, note=made.outputs['out'], table=table).set_retry(1)
    bury(note='late').after(made).ignore_upstream_failure()
    bury(note=made.outputs['out']).ignore_upstream_failure()
    task = sink(word='kubernetes').set_env_variable('A', '{{b}}').set_env_variable('C', "it's")
    kubernetes.empty_dir_mount(task, volume_name='scratch', mount_path='/scratch')
    kubernetes.add_node_affinity_json(task, {'requiredDuringSchedulingIgnoredDuringExecution': {
        'nodeSelectorTerms': [{'matchExpressions': [{'key': 'disk', 'operator': 'Exists'}]}]}})
    kubernetes.add_node_affinity(task, match_fields=[
        {'key': 'metadata.name', 'operator': 'NotIn', 'values': ['old']}])
    kubernetes.add_toleration(task, operator='Exists')
    kubernetes.set_security_context(task, run_as_group=0, run_as_non_root=False)
    kubernetes.add_ephemeral_volume(task, volume_name='own', mount_path='/own', access_modes=['ReadWriteOnce'],
                                    size='1Gi', storage_class_name='fast', annotations={'a': 'b'})
    kubernetes.use_secret_as_volume(task, secret_name=made.outputs['out'], mount_path='/secret')
    kubernetes.use_config_map_as_volume(task, config_map_name=region, mount_path='/config', optional=True)
    kubernetes.mount_pvc(task, pvc_name=made.outputs['out'], mount_path='/volume')


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for pipeline in (nested_conditions, same_names, deep, wide, odds, loops, edges):
        with tempfile.NamedTemporaryFile(suffix='.yaml') as file:
            compiler.Compiler().compile(pipeline, file.name)
            documents = list(yaml.safe_load_all(pathlib.Path(file.name).read_text()))
        # The version is not part of the meaning, and would make the golden stale with each release of the SDK.
        del documents[0]['sdkVersion']
        text = yaml.safe_dump_all(documents, sort_keys=True)
        (folder / f'{pipeline.name}.yaml').write_text(text)


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]))
