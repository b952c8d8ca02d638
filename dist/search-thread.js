// Generated from actions/ by npm run generate. Do not edit.
import { startSearchThread } from './pressroom.js'

await startSearchThread()
