// Generated from actions/ by npm run generate. Do not edit.
import { startWorker } from './pressroom.js'

await startWorker()
