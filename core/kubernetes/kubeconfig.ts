import { readFile } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { load } from 'js-yaml'
import { PressroomError } from '../errors.ts'
import { suggest } from '../nearest.ts'
import { isObject } from '../object.ts'
import { optionalPackage } from '../optional-package.ts'
import { shorten } from '../report/shorten.ts'

export interface KubeconfigSettings {
  /** Default: what kubectl would take. */
  readonly kubeconfig?: string
  /** Default: the one that is current in it. */
  readonly context?: string
}

/** A cluster as a kubeconfig names it, and the way its user signs in there. */
export interface Credentials {
  /** Address of the API server. */
  readonly server: string
  /**
   * Adds certificates, proxy and credentials to the options of a request, for which it may run a program or read a file.
   * @throws PressroomError `not-signed-in`
   */
  apply(options: RequestOptions): Promise<void>
}

/** The package's fallback when it finds no kubeconfig: an address from Kubernetes' first days, where nobody answers. */
const NOTHING_FOUND = 'loaded-context'

/**
 * Reads a kubeconfig by `@kubernetes/client-node`: that of a file, else those of KUBECONFIG, else `~/.kube/config`, else
 * the service account of the pod we run in.
 * @throws PressroomError `package-missing`, `file-not-found`, `not-readable`, `invalid-setting`
 */
export async function readKubeconfig({ kubeconfig, context }: KubeconfigSettings): Promise<Credentials> {
  const { KubeConfig } = await loadKubernetesClient()
  const config = new KubeConfig()
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
    await addTokenFiles(config, kubeconfig === undefined ? defaultFiles() : [kubeconfig])
  } catch (cause) {
    throw unreadable(kubeconfig, cause)
  }
  if (config.getCurrentContext() === NOTHING_FOUND) {
    throw new PressroomError('file-not-found', 'there is no kubeconfig', {
      where: 'looked at KUBECONFIG, ~/.kube/config and the service account of a pod',
      fix: 'give its path: --kubeconfig FILE',
    })
  }
  if (context !== undefined) {
    requireContext(config, context)
    config.setCurrentContext(context)
  }
  const server = config.getCurrentCluster()?.server
  if (server === undefined) {
    throw new PressroomError('invalid-setting', 'the kubeconfig names no cluster', {
      where: `its context is ${config.getCurrentContext() ? `"${config.getCurrentContext()}"` : 'not set'}`,
      fix: 'name a context with --context, or choose one: kubectl config use-context NAME',
    })
  }
  requireEncryption(config, server)
  return { server, apply: options => signIn(config, options) }
}

async function signIn(config: KubeConfig, options: RequestOptions): Promise<void> {
  try {
    await config.applyToHTTPSOptions(options)
  } catch (cause) {
    const { name = '', message = '' } = cause as Partial<Error>
    // A complaint about what a program printed quotes it, and with it the token.
    const said = ['SyntaxError', 'TypeError'].includes(name)
      ? 'what its program prints is no ExecCredential'
      : message
    throw new PressroomError(
      'not-signed-in',
      `the kubeconfig's user "${config.getCurrentUser()?.name}" cannot sign in`,
      {
        where: shorten(said.trim().split('\n', 1).join(), 200) || 'its program ended without a word',
        fix: `see whether kubectl can: kubectl --context ${config.getCurrentContext()} get pods`,
        cause,
      },
    )
  }
}

function requireContext(config: KubeConfig, context: string): void {
  const names = config.getContexts().map(({ name }) => name)
  if (names.includes(context)) return
  throw new PressroomError('invalid-setting', `the kubeconfig has no context "${context}"`, {
    where: `it has: ${names.join(', ') || 'none'}${suggest(context, names)}`,
  })
}

/** The package sends no credentials over plain HTTP unless the cluster's entry says that it may. */
function requireEncryption(config: KubeConfig, server: string): void {
  const url = URL.parse(server)
  if (url?.protocol === 'https:') return
  if (url?.protocol === 'http:' && config.getCurrentCluster()?.skipTLSVerify) return
  throw new PressroomError('invalid-setting', `the kubeconfig's cluster has no https address: ${server}`, {
    fix: 'correct it, or allow plain http by insecure-skip-tls-verify: true in its entry',
  })
}

/** `tokenFile` of a user, which kubectl knows and the package does not; it knows the same under another name. */
async function addTokenFiles(config: KubeConfig, files: readonly string[]): Promise<void> {
  for (const file of files) {
    // Who signs in by a pod's service account has no such file; of any other the package has complained already.
    const document = load(await readFile(file, 'utf8').catch(() => '{}')) as { users?: unknown } | null
    for (const entry of Array.isArray(document?.users) ? document.users : []) {
      const { name, user } = isObject(entry) ? entry : {}
      const { token, tokenFile: named } = isObject(user) ? user : {}
      const known = config.getUsers().find(each => each.name === name)
      if (known === undefined || typeof named !== 'string' || token !== undefined) continue
      const tokenFile = resolve(dirname(file), named)
      Object.assign(known, { authProvider: { name: 'tokenFile', config: { tokenFile } } })
    }
  }
}

/** The files that `loadFromDefault` looks at. */
function defaultFiles(): string[] {
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter(file => file !== '')
  if (named.length > 0) return named
  return [join(homedir(), '.kube', 'config')]
}

function unreadable(kubeconfig: string | undefined, cause: unknown): PressroomError {
  const name = kubeconfig ?? process.env.KUBECONFIG
  return new PressroomError('not-readable', `cannot read the kubeconfig ${name ?? ''}`.trimEnd(), {
    where: cause instanceof Error ? cause.message.split('\n', 1).join() : undefined,
    cause,
  })
}

/** Loaded when a kubeconfig is used, and only then: it is large and most runs do without. */
function loadKubernetesClient(): Promise<typeof import('@kubernetes/client-node')> {
  const use = 'a kubeconfig is read with it'
  return optionalPackage('@kubernetes/client-node', () => import('@kubernetes/client-node'), { use })
}
