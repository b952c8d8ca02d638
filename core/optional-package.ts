import { messageOf, PressroomError, systemCode } from './errors.ts'

/** What is said of an absent package beside its name. */
export interface PackageAdvice {
  /** What it is for. */
  readonly use?: string
  /** Default: `npm install` with its name. */
  readonly fix?: string
}

/**
 * Loads a package that not everybody installs.
 * @param name as npm knows it
 * @throws PressroomError `package-missing` when it is not there, or does not run on this machine
 */
export async function optionalPackage<T>(
  name: string,
  load: () => Promise<T>,
  advice: PackageAdvice = {},
): Promise<T> {
  try {
    return await load()
  } catch (error) {
    throw packageMissing(name, error, advice)
  }
}

/** The error for a package that could not be loaded: it is not there, or does not run on this machine. */
export function packageMissing(name: string, cause: unknown, { use, fix }: PackageAdvice): PressroomError {
  const absent = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(systemCode(cause) ?? '')
  const said = messageOf(cause)
  return new PressroomError(
    'package-missing',
    absent ? `${name} is not installed` : `${name} cannot be loaded on this machine`,
    { where: absent ? use : said.split('\n', 1).join(), fix: fix ?? `npm install ${name}`, cause },
  )
}
