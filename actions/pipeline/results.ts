import { escapeMarkdown, markdownTable } from '../../core/report/markdown.ts'
import type { RunResult } from '../../pipelines/runners/local/index.ts'

/**
 * The action's outputs from a finished run; what a skipped or failed task would have given is an empty text, or not
 * among them.
 * @param pathOf turns an artifact's URI into a path
 */
export function answersOf(result: RunResult, pathOf: (uri: string) => string): Record<string, unknown> {
  const parameters = (stage: string) => outputsOf(result, stage)?.parameters
  const model = artifactOf(result, 'train', 'model')
  return {
    ...result.outputs.parameters,
    verdict: parameters('validate')?.reason ?? '',
    version: parameters('register')?.version ?? '',
    model: model === undefined ? '' : pathOf(model),
    run: result.folder,
  }
}

/** The URI of the report that evaluate wrote, for the step's summary; undefined when it did not. */
export function reportOf(result: RunResult): string | undefined {
  return artifactOf(result, 'evaluate', 'report')
}

/**
 * The step's summary: a row a task, then the report.
 * @param report Markdown, may be empty
 */
export function summaryOf(result: RunResult, report: string): string {
  const rows = result.tasks.map(({ name, state, summary = '', seconds = 0 }) => {
    return [name, state, escapeMarkdown(summary.split('\n')[0] ?? ''), `${seconds.toFixed(1)} s`]
  })
  return `# Pressroom\n\n${markdownTable(['task', 'state', 'outcome', 'time'], rows)}\n${report}`
}

function outputsOf(result: RunResult, stage: string) {
  return result.tasks.find(task => task.stage === stage)?.outputs
}

function artifactOf(result: RunResult, stage: string, name: string): string | undefined {
  return outputsOf(result, stage)?.artifacts[name]?.[0]?.uri
}
