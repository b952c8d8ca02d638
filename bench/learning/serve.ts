import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Answer } from './contender.ts'

/**
 * Our side of the protocol of contender.ts: does each piece of work that is asked for and answers what it took.
 * @param prepare does what belongs outside of the clock, and gives what belongs inside
 */
export async function serve(prepare: (work: string) => Promise<() => Promise<number[]>>): Promise<void> {
  for await (const line of createInterface(process.stdin)) {
    const run = await prepare(JSON.parse(line).work)
    const before = process.cpuUsage()
    const begun = performance.now()
    const result = await run()
    const wall = performance.now() - begun
    const { user, system } = process.cpuUsage(before)
    const answer: Answer = { cpu: (user + system) / 1000, wall, peak: peakMemory(), result }
    console.log(JSON.stringify(answer))
  }
}

/** The kernel's own figure; getrusage's would be at least what the parent had when it forked (Linux). */
function peakMemory(): number {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))!
    return Number(kibibytes) * 1024
  } catch {
    return process.resourceUsage().maxRSS * 1024
  }
}
