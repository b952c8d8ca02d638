// Generated from actions/ by npm run generate. Do not edit.
import { runStage } from './pressroom.js'

await runStage("tune")
