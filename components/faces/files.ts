import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyStage, ArtifactFile, ArtifactType } from '../definition/index.ts'

/** A file or folder of this machine as an artifact; a relative path is taken from the working folder. */
export function artifactAt(path: string): ArtifactFile {
  const absolute = resolve(path)
  return { path: absolute, uri: pathToFileURL(absolute).href, metadata: {} }
}

/** Without these a browser shows a page's source, and an editor a report's. */
const ENDINGS: { readonly [T in ArtifactType]?: string } = { html: '.html', markdown: '.md' }

/** What the file or folder of an output artifact is called: after it, pages and reports with the ending that opens them. */
export function fileName(artifact: string, type: ArtifactType): string {
  return `${artifact}${ENDINGS[type] ?? ''}`
}

/** A place under `folder` for each output artifact. */
export function outputsUnder(stage: AnyStage, folder: string): Record<string, ArtifactFile> {
  const places = Object.entries(stage.outputs).flatMap(([name, output]) => {
    if (output.role !== 'artifact') return []
    return [[name, artifactAt(join(folder, fileName(name, output.type)))] as const]
  })
  return Object.fromEntries(places)
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
