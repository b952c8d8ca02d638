import type { FittedModel, LinearModel } from '../../learn/index.ts'
import type { VotingModel } from '../../learn/voting.ts'
import type { GraphBuilder } from './builder.ts'
import { calibratedProbabilities } from './calibrated.ts'
import { forestProbabilities } from './forest.ts'
import { kernelDecision } from './kernel-svm.ts'
import { mlpProbabilities } from './mlp.ts'
import { normalised, softmax } from './probabilities.ts'
import type { GraphRows } from './rows.ts'

/** The names of what a model says, `[N, classes]` in double precision: the tail costs nothing beside the products. */
export interface Scores {
  readonly decision: string
  /** Absent where a model has only margins. */
  readonly probabilities?: string
  /** Which of the two a calibration looks at: as `calibrateOn` of core/learn/classifier.ts. */
  readonly calibrateOn: 'decision' | 'probabilities'
}

/** The operations that answer as core/learn's `openClassifier` does. */
export function scoresOf(g: GraphBuilder, rows: GraphRows, model: FittedModel): Scores {
  switch (model.kind) {
    case 'logistic-regression': {
      const decision = linear(g, rows, model)
      const own = model.multiClass === 'multinomial' ? softmax(g, decision) : oneVsRest(g, model, decision)
      return { decision, probabilities: own, calibrateOn: 'decision' }
    }
    case 'naive-bayes':
    case 'complement-naive-bayes': {
      const decision = linear(g, rows, model)
      return { decision, probabilities: softmax(g, decision), calibrateOn: 'probabilities' }
    }
    case 'linear-svm':
      return { decision: linear(g, rows, model), calibrateOn: 'decision' }
    case 'nb-weighted': {
      const decision = linear(g, rows, model)
      if (model.inner === 'linear-svm') return { decision, calibrateOn: 'decision' }
      return { decision, probabilities: oneVsRest(g, model, decision), calibrateOn: 'decision' }
    }
    case 'kernel-svm':
      return { decision: kernelDecision(g, rows, model), calibrateOn: 'decision' }
    case 'mlp':
      return onlyProbabilities(mlpProbabilities(g, rows, model))
    case 'random-forest':
      return onlyProbabilities(forestProbabilities(g, rows, model))
    case 'calibrated': {
      const probabilities = calibratedProbabilities(g, model, inner => scoresOf(g, rows, inner))
      return { decision: g.op('Log', [probabilities]), probabilities, calibrateOn: 'probabilities' }
    }
    case 'voting':
      return votes(g, rows, model)
  }
}

function onlyProbabilities(name: string): Scores {
  return { decision: name, probabilities: name, calibrateOn: 'probabilities' }
}

function linear(g: GraphBuilder, rows: GraphRows, model: LinearModel): string {
  return g.op('Add', [
    rows.sums(model.coefficients, model.classes),
    g.doubles([model.classes], model.intercepts),
  ])
}

function oneVsRest(g: GraphBuilder, { classes }: LinearModel, decision: string): string {
  return classes === 2 ? softmax(g, decision) : normalised(g, g.op('Sigmoid', [decision]), classes)
}

function votes(g: GraphBuilder, rows: GraphRows, { how, models, weights }: VotingModel): Scores {
  const parts = models.map((model, m) => {
    const { decision, probabilities } = scoresOf(g, rows, model)
    return g.op('Mul', [how === 'soft' ? probabilities! : decision, g.doubles([], [weights[m]!])])
  })
  const decision = g.op('Sum', parts)
  const probabilities = how === 'soft' ? decision : softmax(g, decision)
  return { decision, probabilities, calibrateOn: 'probabilities' }
}
