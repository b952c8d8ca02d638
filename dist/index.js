// Generated from actions/ by npm run generate. Do not edit.
import { runPipeline } from './pressroom.js'

await runPipeline()
