import { PressroomError } from '../errors.ts'

/** What a store tells of an object. */
export interface ObjectInfo {
  /** Its whole name, `/` between parts. */
  readonly key: string
  readonly bytes: number
  /** Changes whenever its content does: an entity tag or a generation. */
  readonly version: string
}

/** A bucket: objects by name. An object appears whole or not at all, and reading one sees one version of it. */
export interface ObjectStore {
  /** Of the bucket: `s3://models`. */
  readonly uri: string
  /** Objects whose names begin with a prefix, in no order. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo>
  /** Undefined when there is no such object. */
  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined>
  /**
   * Copies an object to a file, which is made or replaced.
   * @throws PressroomError `file-not-found` when there is none
   */
  read(key: string, path: string, signal?: AbortSignal): Promise<void>
  /** Copies a file to an object, in place of what has its name. */
  write(key: string, path: string, signal?: AbortSignal): Promise<void>
  delete(key: string, signal?: AbortSignal): Promise<void>
}

/** A place in a bucket. */
export interface ObjectAddress {
  readonly scheme: 'gs' | 's3'
  readonly bucket: string
  /** Without a slash at its beginning; may be empty. */
  readonly key: string
}

/**
 * The parts of a `gs://bucket/key` or `s3://bucket/key` address; undefined for anything else.
 * @throws PressroomError `usage` for one without a bucket
 */
export function parseAddress(uri: string): ObjectAddress | undefined {
  const [, scheme, bucket, key = ''] = /^(gs|s3):\/\/([^/]*)\/?(.*)$/s.exec(uri) ?? []
  if (scheme === undefined) return undefined
  if (!/^[a-z0-9][a-z0-9._-]+$/.test(bucket!)) {
    throw new PressroomError('usage', `${uri} names no bucket`, { fix: `write ${scheme}://bucket/name` })
  }
  return { scheme: scheme as 'gs' | 's3', bucket: bucket!, key }
}

/**
 * Opens a bucket of Google Cloud Storage or S3. Nothing is asked of it yet.
 *
 * Credentials, region and profile are found as each vendor's own tools find them. For S3, AWS_ENDPOINT_URL and
 * AWS_ENDPOINT_URL_S3 count too, so that servers like MinIO will do; for Google Cloud Storage, PRESSROOM_GCS_ENDPOINT.
 * @throws PressroomError `package-missing` when the vendor's client is not installed
 */
export async function openBucket({ scheme, bucket }: ObjectAddress): Promise<ObjectStore> {
  if (scheme === 's3') return (await import('./s3.ts')).openS3(bucket)
  return (await import('./gcs.ts')).openGcs(bucket)
}

/** Why a store refused, in the terms all stores share. */
export type Refusal =
  | 'no-credentials'
  | 'bad-credentials'
  | 'forbidden'
  | 'no-bucket'
  | 'no-object'
  | 'no-region'
  | 'elsewhere'
  | 'unreachable'

const REFUSALS: Readonly<
  Record<
    Refusal,
    readonly [
      code: 'not-signed-in' | 'server-refused' | 'server-unreachable' | 'file-not-found' | 'usage',
      what: string,
      fix: string,
    ]
  >
> = {
  'no-credentials': [
    'not-signed-in',
    'there are no credentials for',
    'sign in with the vendor’s tool, or give the process a service account',
  ],
  'bad-credentials': [
    'not-signed-in',
    'the credentials are not accepted by',
    'sign in again: they are wrong, expired or of another account',
  ],
  forbidden: [
    'not-signed-in',
    'access is denied to',
    'give the account the right to list, read and write there',
  ],
  'no-bucket': ['file-not-found', 'there is no bucket', 'check its name, or make it'],
  'no-object': ['file-not-found', 'there is no object', 'check the address'],
  'no-region': ['usage', 'no region is known for', 'set AWS_REGION'],
  elsewhere: ['server-refused', 'another region holds', 'set AWS_REGION to the region of the bucket'],
  unreachable: ['server-unreachable', 'no answer from', 'check the network and the endpoint'],
}

/**
 * What a failed request tells a person. The vendor's message is left out: it can hold a signed address.
 * @param where of the object or bucket
 * @param detail the vendor's own word for it: `NoSuchBucket`, `ENOTFOUND`
 */
export function refused(
  refusal: Refusal,
  where: string,
  detail: string | undefined,
  cause: unknown,
): PressroomError {
  const [code, what, fix] = REFUSALS[refusal]
  return new PressroomError(code, `${what} ${where}`, {
    ...(detail && { where: `it says ${detail}` }),
    fix,
    cause,
  })
}
