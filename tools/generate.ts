import { resolve } from 'node:path'
import { writeGenerated } from './generated.ts'

const differences = await writeGenerated(resolve(import.meta.dirname, '..'))
for (const { path, kind } of differences)
  console.log(`${kind === 'left over' ? 'removed' : 'wrote'}  ${path}`)
if (differences.length === 0) console.log('generated files are up to date')
