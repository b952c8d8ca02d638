import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyStage, ArtifactFile } from '../definition/index.ts'

/** A file or folder of this machine as an artifact; a relative path is taken from the working folder. */
export function artifactAt(path: string): ArtifactFile {
  const absolute = resolve(path)
  return { path: absolute, uri: pathToFileURL(absolute).href, metadata: {} }
}

/** A place under `folder` for each output artifact, named after it. */
export function outputsUnder(stage: AnyStage, folder: string): Record<string, ArtifactFile> {
  const names = Object.keys(stage.outputs).filter(key => stage.outputs[key]?.role === 'artifact')
  return Object.fromEntries(names.map(name => [name, artifactAt(join(folder, name))]))
}

/** The paths alone, as people and workflows want them. */
export function pathsOf(files: Readonly<Record<string, ArtifactFile>>): Record<string, string> {
  return mapRecord(files, file => file.path)
}

/** A record of the same keys with each value mapped. */
export function mapRecord<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
}
