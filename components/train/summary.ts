import { counted } from '../../core/counted.ts'
import type { LearnerFit } from '../../core/learn/index.ts'
import { describeLearner, describeRounding, type FittedInfo } from '../../core/model/index.ts'

/** What was fitted, what rounding its weights cost, and why an ONNX file is missing: one line. */
export function summaryOf(
  info: FittedInfo,
  { iterations, converged }: Pick<LearnerFit, 'iterations' | 'converged'>,
): string {
  const after = iterations === undefined ? '' : ` after ${counted(iterations, 'iteration')}`
  const fitted = `${describeLearner(info.learner)}, ${counted(info.features, 'feature')}${converged ? '' : `, not converged${after}`}`
  const absent = exportsOf(info).flatMap(({ file, exists, reason }) =>
    exists || reason === undefined ? [] : [`no ${file}: ${reason}`],
  )
  const rounded = info.rounding === undefined ? [] : [describeRounding(info.rounding)]
  return [fitted, ...rounded, ...absent].join('; ')
}

/** A sentence for each ONNX file that nobody asked. */
export function uncheckedExports(info: FittedInfo): string[] {
  return exportsOf(info).flatMap(({ file, exists, reason }) =>
    exists && reason !== undefined ? [`${file} is unchecked: ${reason}`] : [],
  )
}

function exportsOf({ export: onnx, textExport, files }: FittedInfo) {
  const checks = [['model.onnx', onnx] as const, ['text.onnx', textExport] as const]
  return checks.map(([file, check]) => ({
    file,
    exists: Object.hasOwn(files, file),
    reason: check !== undefined && 'unchecked' in check ? check.unchecked : undefined,
  }))
}
