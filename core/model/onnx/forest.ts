import type { RandomForestModel } from '../../learn/forest.ts'
import { singleBelow } from '../singles.ts'
import type { GraphBuilder } from './builder.ts'
import type { GraphRows } from './rows.ts'

/**
 * A random forest as ai.onnx.ml's TreeEnsembleRegressor over rows spelt out: with one target a class and leaves whose weights are
 * the classes' shares, its average is the forest's answer. TreeEnsembleClassifier would do the same, but runtimes treat two
 * classes in it apart.
 */
export function forestProbabilities(g: GraphBuilder, rows: GraphRows, forest: RandomForestModel): string {
  const { classes, roots, split, left, right, thresholds, shares } = forest
  const nodes = split.length
  const treeOf = new Int32Array(nodes)
  for (const [tree, root] of roots.entries()) treeOf.fill(tree, root, roots[tree + 1] ?? nodes)
  const withinTree = (node: number, of: number) => node - roots[treeOf[of]!]!
  const leaves = Array.from(split.keys()).filter(node => split[node]! < 0)
  const targets = leaves.flatMap(leaf => Array.from({ length: classes }, (_, k) => ({ leaf, k })))
  const inner = (i: number) => split[i]! >= 0
  const each = (of: (i: number) => number) => ({ ints: Array.from({ length: nodes }, (_, i) => of(i)) })
  const answer = g.ml('TreeEnsembleRegressor', [rows.dense()], {
    aggregate_function: { s: 'AVERAGE' },
    n_targets: { i: classes },
    nodes_featureids: each(i => Math.max(split[i]!, 0)),
    nodes_falsenodeids: each(i => (inner(i) ? withinTree(right[i]!, i) : 0)),
    nodes_truenodeids: each(i => (inner(i) ? withinTree(left[i]!, i) : 0)),
    nodes_modes: { strings: Array.from(split, feature => (feature < 0 ? 'LEAF' : 'BRANCH_LEQ')) },
    nodes_nodeids: each(i => withinTree(i, i)),
    nodes_treeids: each(i => treeOf[i]!),
    // The values are of single precision, and what is at most the threshold must stay so.
    nodes_values: { floats: Array.from(thresholds, singleBelow) },
    post_transform: { s: 'NONE' },
    target_ids: { ints: targets.map(({ k }) => k) },
    target_nodeids: { ints: targets.map(({ leaf }) => withinTree(leaf, leaf)) },
    target_treeids: { ints: targets.map(({ leaf }) => treeOf[leaf]!) },
    target_weights: { floats: targets.map(({ leaf, k }) => shares[leaf * classes + k]!) },
  })
  return g.cast(answer, 'double')
}
