import { PressroomError, systemCode } from './errors.ts'

/**
 * Loads a package that not everybody installs.
 * @param name as npm knows it
 * @throws PressroomError `package-missing` when it is not there, or does not run on this machine
 */
export async function optionalPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const absent = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(systemCode(error) ?? '')
    const what = absent ? `${name} is not installed` : `${name} cannot be loaded on this machine`
    throw new PressroomError('package-missing', what, {
      where: absent ? undefined : (error as Error).message.split('\n')[0],
      fix: `npm install ${name}`,
      cause: error,
    })
  }
}
