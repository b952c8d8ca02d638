import { asPressroomError } from '../../core/errors.ts'
import { showCause } from './report.ts'
import type { InteropSuite } from './suite.ts'

/**
 * `npm run test:interop [-- NAME …]`: talks to the real peers. A peer that is absent is a skip with its reason. The last
 * line counts the checks.
 */
const SUITES: Readonly<Record<string, () => Promise<InteropSuite>>> = {
  actions: () => import('./actions.ts'),
  browser: () => import('./browser.ts'),
  'cloud-run': () => import('./cloud-run.ts'),
  'deployer-image': () => import('./deployer-image.ts'),
  docker: () => import('./docker.ts'),
  fuzz: () => import('./fuzz.ts'),
  kfp: () => import('./kfp.ts'),
  import: () => import('./sklearn-import.ts'),
  mlflow: () => import('./mlflow.ts'),
  kubernetes: () => import('./kubernetes.ts'),
  nltk: () => import('./nltk.ts'),
  onnx: () => import('./onnx.ts'),
  'run-page': () => import('./run-page.ts'),
  sklearn: () => import('./sklearn.ts'),
  'status-page': () => import('./status-page.ts'),
  storage: () => import('./storage.ts'),
  vertex: () => import('./vertex.ts'),
}

/** Run when they are named: the one is part of `kfp`, the other asks no peer and takes long. */
const BY_NAME = ['docker', 'fuzz']

const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !(name in SUITES))
if (unknown.length > 0) {
  console.error(`test:interop: no suite ${unknown.join(', ')}\n  it has: ${Object.keys(SUITES).join(', ')}`)
  process.exit(2)
}

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const name of wanted.length > 0 ? wanted : Object.keys(SUITES).filter(name => !BY_NAME.includes(name))) {
  const suite = await SUITES[name]!()
  console.log(name)
  const reason = await suite.available()
  if (reason !== undefined) {
    counts.skipped += 1
    console.log(`  skipped: ${reason}`)
    continue
  }
  const check = async (title: string, body: () => Promise<void>) => {
    try {
      await body()
      counts.passed += 1
      console.log(`  ok    ${title}`)
    } catch (error) {
      counts.failed += 1
      console.log(`  FAIL  ${title}\n${showCause(error)}`)
    }
  }
  const skip = (title: string, reason: string) => {
    counts.skipped += 1
    console.log(`  skip  ${title}: ${reason}`)
  }
  await suite.checks({ check, skip }).catch(error => {
    counts.failed += 1
    console.log(`  FAIL  ${name} could not be set up\n${showCause(asPressroomError(error))}`)
  })
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 ? 1 : 0
