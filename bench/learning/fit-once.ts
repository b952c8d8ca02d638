import { readTraining } from '../../test/interop/sklearn-fits.ts'
import { FITS } from './fits.ts'

/** `node fit-once.ts FOLDER NAME`: a process that makes one fit, and prints its milliseconds. */
const [folder = '', name] = process.argv.slice(2)
const { matrix, run } = FITS.find(fit => fit.name === name)!
const training = readTraining(folder, matrix)
const begun = performance.now()
await run(training)
console.log(performance.now() - begun)
