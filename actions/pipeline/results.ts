import { escapeMarkdown, markdownTable } from '../../core/report/markdown.ts'
import type { RunResult } from '../../pipelines/runners/local/index.ts'

/**
 * The action's outputs from a finished run.
 * @param pathOf turns an artifact's URI into a path
 */
export function answersOf(result: RunResult, pathOf: (uri: string) => string): Record<string, unknown> {
  const outputs = (stage: string) => result.tasks.find(task => task.stage === stage)?.outputs
  const model = outputs('train')?.artifacts.model?.[0]?.uri
  return {
    ...result.outputs.parameters,
    verdict: outputs('validate')?.parameters.reason ?? '',
    version: outputs('register')?.parameters.version ?? '',
    model: model === undefined ? '' : pathOf(model),
    run: result.folder,
  }
}

/** The step's summary: a row a task. */
export function summaryOf(result: RunResult): string {
  const rows = result.tasks.map(({ name, state, summary = '', seconds = 0 }) => {
    return [name, state, escapeMarkdown(summary.split('\n')[0] ?? ''), `${seconds.toFixed(1)} s`]
  })
  return `### Pressroom\n\n${markdownTable(['task', 'state', 'outcome', 'time'], rows)}\n`
}
