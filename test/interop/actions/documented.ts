import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

const PAGE = resolve(import.meta.dirname, '../../../docs/actions.md')

/** The workflows of docs/actions.md, as they stand there. */
export async function documentedWorkflows(): Promise<readonly string[]> {
  const page = await readFile(PAGE, 'utf8')
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block)
  if (blocks.length === 0) throw new Error(`${PAGE} has no workflow`)
  return blocks
}

/** With the versions that the comments name in place of the SHAs, which act has no need of. */
export function withVersions(workflow: string): string {
  return workflow.replaceAll(/@<sha> # (v[\d.]+)/g, '@$1').replaceAll('OWNER/', 'octo/')
}

/** With our actions taken from the checkout: only then does actionlint look at their inputs and outputs. */
export function withLocalActions(workflow: string): string {
  return workflow.replaceAll(/OWNER\/pressroom(\S*)@<sha>/g, '.$1').replaceAll('uses: . ', 'uses: ./ ')
}

/** With a SHA in place of each that a reader has to look up. */
export function withShas(workflow: string): string {
  return workflow.replaceAll('<sha>', '0123456789abcdef0123456789abcdef01234567')
}
