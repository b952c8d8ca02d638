import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Schemes under which MLflow keeps artifacts in its own store, wherever that is. */
const OWN_SCHEMES = ['mlflow-artifacts:', 'models:', 'runs:']

/**
 * Why a version's files may not be fetched from where the registry says, or undefined when they may. Whoever may register a model in
 * MLflow may name any bucket as its source (docs/deploying.md).
 * @param sources folders that are allowed; undefined for the registry's own store only
 * @param location of the registry, a folder or a URL
 */
export function forbiddenSource(
  source: string,
  sources: readonly string[] | undefined,
  location: string,
): string | undefined {
  if (/(^|[/\\])\.\.([/\\]|$)|%2e|%2f|%5c|\p{Cc}|[?#]/iu.test(source)) {
    return `its source ${JSON.stringify(source)} is not a plain address`
  }
  const allowed =
    sources === undefined ? isOwn(source, location) : sources.some(folder => isWithin(source, folder))
  if (allowed) return undefined
  const where = sources === undefined ? "the registry's own store" : sources.join(', ')
  return `its source ${JSON.stringify(source)} is not within ${where}`
}

function isOwn(source: string, location: string): boolean {
  return OWN_SCHEMES.some(scheme => source.startsWith(scheme)) || isWithin(source, location)
}

/** Whole segments count: gs://models-of-others is not within gs://models. */
function isWithin(source: string, folder: string): boolean {
  const [path, root] = [pathOf(source), pathOf(folder)]
  if (path !== undefined && root !== undefined) {
    const rest = relative(root, path)
    return rest === '' || !(rest.startsWith('..') || isAbsolute(rest))
  }
  if (path !== undefined || root !== undefined) return false
  const prefix = folder.endsWith('/') ? folder : `${folder}/`
  return source === folder || source.startsWith(prefix)
}

/** A folder on this machine; undefined for other addresses. */
function pathOf(address: string): string | undefined {
  if (address.startsWith('file:')) {
    try {
      return fileURLToPath(address)
    } catch {
      return undefined
    }
  }
  return /^[a-z][a-z0-9+.-]+:/i.test(address) ? undefined : resolve(address)
}
