#!/usr/bin/env node
// Starts the command line on a Node that can run it. In a checkout that is the one pinned in node_modules, whatever
// the machine has; as a published package it is the user's own. Plain JavaScript that old releases can parse, since
// Node strips no types under node_modules and an old Node none at all.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const LEAST_MAJOR = 24

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const entry = [join(root, 'cli.js'), join(root, 'cli.ts')].find(existsSync)
const pinned = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node')

// Half of what a short command takes is stripping types and compiling, which need not be done twice. Every process that
// is started from here uses the same cache; the published package has no types to strip and does without.
if (entry.endsWith('.ts')) {
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'pressroom')
}

if (Number(process.versions.node.split('.')[0]) >= LEAST_MAJOR) {
  if (process.env.NODE_COMPILE_CACHE) module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import(pathToFileURL(entry).href)
} else if (existsSync(pinned)) {
  const { spawn } = await import('node:child_process')
  const child = spawn(pinned, [entry, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both; a supervisor signals only this process.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
} else {
  console.error(`pressroom: needs Node ${LEAST_MAJOR} or later, and this is ${process.version}
  no Node is pinned beside it for ${process.platform}-${process.arch}
  install Node ${LEAST_MAJOR}, or run npm ci in a checkout of Pressroom`)
  process.exitCode = 1
}
