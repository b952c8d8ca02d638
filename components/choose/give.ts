import { type Entry, ranked } from '../../core/choose/index.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import type { Json, KindValues, StageContext } from '../definition/index.ts'
import type { choiceOutputs } from '../search-inputs.ts'
import { type Choice, choiceReport, reasonOf } from './report.ts'

type Outputs = StageContext<Record<never, never>, typeof choiceOutputs>['outputs']

/** Writes a choice as JSON, Markdown and a page, and gives it as a stage's result. */
export async function giveChoice(outputs: Outputs, choice: Choice) {
  const { entries, winner, curve, metric, threshold, folds } = choice
  const ranking = ranked(entries, metric)
  const { choicePage } = await import('./page.ts')
  const board = {
    metric,
    threshold,
    folds,
    winner: winner.name,
    reason: reasonOf(choice, ranking),
    entries: ranking,
    curve,
  }
  await writeJson(outputs.leaderboard.path, board)
  await writeFileAtomic(outputs.report.path, choiceReport(choice, ranking))
  await writeFileAtomic(outputs.page.path, choicePage(choice, ranking))
  const { accuracy, macroF1, fitSeconds, columns, bytes } = winner.result!
  return {
    parameters: {
      winner: winner.name,
      score: winner.result![metric].mean,
      learner: plain(winner.learner),
      features: plain(winner.features),
    },
    metadata: {
      leaderboard: {
        accuracy: accuracy.mean,
        accuracySpread: accuracy.spread,
        macroF1: macroF1.mean,
        macroF1Spread: macroF1.spread,
        ...{ fitSeconds, columns, bytes },
        candidates: entries.length,
      },
    },
    summary: reasonOf(choice, ranking),
  }
}

/** What a shard without candidates gives: files that say so, so that the loop around it goes on. */
export async function giveNothing(outputs: Outputs, title: string) {
  const entries: readonly Entry[] = []
  await writeJson(outputs.leaderboard.path, { entries })
  await writeFileAtomic(outputs.report.path, `# ${title}\n\n${NOTHING}\n`)
  await writeFileAtomic(outputs.page.path, `<!doctype html>\n<title>${title}</title>\n<p>${NOTHING}</p>\n`)
  return { parameters: { winner: 'none', score: 0, learner: {}, features: {} }, summary: NOTHING }
}

const NOTHING = 'This shard has no candidate.'

/** Plain data as JSON knows it, without what is undefined. */
export function plain(value: object): KindValues['struct'] {
  return JSON.parse(JSON.stringify(value)) as Record<string, Json>
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`)
}
