import { posix, relative, resolve, sep } from 'node:path'
import { dump } from 'js-yaml'
import { actionFile } from '../../../components/faces/action.ts'
import { banner as bannerOf } from '../../../components/faces/banner.ts'
import { referencePage } from '../../../components/faces/reference.ts'
import { PressroomError } from '../../../core/errors.ts'
import { compileStage, toYaml } from '../../../pipelines/compiler/index.ts'
import type { OwnStage } from '../../own-stages.ts'
import { containerfile } from './containerfile.ts'

const COMMAND = 'pressroom generate'

/** Everything that is generated matches one of these; of these, what carries our banner is ours to remove. */
export const OWNED = ['components/*/component.yaml', 'actions/*/{action.yml,main.js}', 'docs/stages/*.md']

export interface FacesOptions {
  /** The repository's root, from the working folder. */
  readonly out: string
  readonly containerfile: boolean
  /** The modules and folders that were named, from the working folder. */
  readonly paths: readonly string[]
}

/**
 * The files of a team's stages by their path from the root.
 * @throws PressroomError `invalid-stage` when one Containerfile would have to make two images
 */
export function facesOf(stages: readonly OwnStage[], options: FacesOptions): ReadonlyMap<string, string> {
  const from = (path: string) => relative(resolve(options.out), resolve(path)).replaceAll(sep, '/') || '.'
  const files = new Map<string, string>()
  for (const { stage, file, export: name } of stages) {
    const source = from(file)
    const banner = bannerOf(source, COMMAND)
    const folder = `actions/${stage.name}`
    const component = stage.image === undefined ? undefined : `components/${stage.name}/component.yaml`
    if (component !== undefined) files.set(component, toYaml(compileStage(stage), banner))
    const { author: _ours, ...action } = actionFile({ ...stage, main: 'main.js' })
    files.set(`${folder}/action.yml`, `# ${banner}\n${dump(action, { lineWidth: -1, noRefs: true })}`)
    files.set(`${folder}/main.js`, mainOf(posix.relative(folder, source), name, banner))
    const page = referencePage(stage, { action: `./${folder}`, component })
    files.set(`docs/stages/${stage.name}.md`, `<!-- ${banner} -->\n\n${page}`)
  }
  const image = imageOf(stages)
  if (options.containerfile && image !== undefined) {
    const paths = options.paths.map(from)
    const outside = paths.filter(path => path.startsWith('..'))
    if (outside.length > 0) {
      throw new PressroomError('usage', `the image cannot get what is outside the repository: ${outside}`, {
        fix: 'name the root by --out, or do without a Containerfile: --containerfile false',
      })
    }
    files.set('Containerfile', containerfile(image, paths, bannerOf(paths.join(', '), COMMAND)))
  }
  return files
}

/** Whether a file's text is one that this command wrote. */
export function isGenerated(text: string): boolean {
  return text.split('\n', 60).some(line => line.includes(`by ${COMMAND}. Do not edit.`))
}

/** GitHub runs it from the checkout, where `npm ci` has put the package. */
function mainOf(path: string, name: string, banner: string): string {
  const clause = name === 'default' ? 'stage' : name === 'stage' ? '{ stage }' : `{ ${name} as stage }`
  return `// ${banner}
import { runStageAction } from 'pressroom-ml/actions'
import ${clause} from '${path}'

await runStageAction(stage)
`
}

function imageOf(stages: readonly OwnStage[]): string | undefined {
  const images = [...new Set(stages.flatMap(({ stage }) => stage.image ?? []))]
  if (images.length <= 1) return images[0]
  throw new PressroomError('invalid-stage', 'the stages name more than one image', {
    where: images.join(', '),
    fix: 'let all take it from one constant, or write the Containerfile yourself: --containerfile false',
  })
}
