#!/usr/bin/env node
import { main } from './cli/main.ts'

const status = await main(process.argv.slice(2))
// What was stopped has cleaned up by now, but a client that takes no signal may still wait for its server's answer.
if (status === 130) process.exit(status)
process.exitCode = status
