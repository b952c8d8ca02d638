import { shorten } from '../../../core/report/shorten.ts'

/** Why a pod failed, from its log. */
export interface Failure {
  readonly what: string
  /** The container's last own lines before that, oldest first. */
  readonly lines: readonly string[]
}

/** A line of Kubeflow's own driver or launcher (klog): level, date, time, thread, place, message. */
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [^\]]+\] ?(.*)$/

/** Whether a line is of Kubeflow's own driver or launcher, not of the task's container. */
export function isServiceLine(line: string): boolean {
  return KLOG.test(line)
}

/**
 * The reason in a failed pod's log: runs and tasks carry none, but the driver or launcher ends with a line of level F.
 * What its container printed stands around it.
 */
export function readFailure(log: string): Failure | undefined {
  const lines = log.split('\n')
  const fatal = lines.findLastIndex(line => KLOG.exec(line)?.[1] === 'F')
  const own = (fatal === -1 ? lines : lines.slice(0, fatal)).filter(
    line => line.trim() !== '' && !KLOG.test(line),
  )
  const last = own.slice(-5).map(line => shorten(line, 300))
  const what = fatal === -1 ? last.at(-1) : KLOG.exec(lines[fatal] ?? '')?.[2]
  return what === undefined ? undefined : { what: shorten(what, 500), lines: last }
}
