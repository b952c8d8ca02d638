import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Schemes under which MLflow keeps artifacts in its own store, wherever that is. */
const OWN_SCHEMES = ['mlflow-artifacts:', 'models:', 'runs:']

/**
 * Why a version's files may not be fetched from where the registry says, or undefined when they may. Whoever may register a model in
 * MLflow may name any bucket as its source (docs/deploying.md).
 * @param sources folders that are allowed; undefined for the registry's own store only
 * @param own the registry's own folders
 */
export function forbiddenSource(
  source: string,
  sources: readonly string[] | undefined,
  own: readonly string[],
): string | undefined {
  if (/(^|[/\\])\.\.([/\\]|$)|%2e|%2f|%5c|\p{Cc}|[?#]/iu.test(source)) {
    return `its source ${JSON.stringify(source)} is not a plain address`
  }
  const scheme = sources === undefined && OWN_SCHEMES.some(scheme => source.startsWith(scheme))
  if (scheme || (sources ?? own).some(folder => isWithin(source, folder))) return undefined
  const where = sources === undefined ? "the registry's own store" : sources.join(', ')
  return `its source ${JSON.stringify(source)} is not within ${where}`
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
