/** The release, as in package.json; a test holds the two together, since a bundle has no package.json to read. */
export const VERSION = '0.1.0'
