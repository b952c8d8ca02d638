import { PressroomError } from '../../../core/errors.ts'
import type { VertexSubmission } from './job.ts'
import { labelFaults } from './labels.ts'

/** By which a job is named (`PipelineJob` in google-cloud-aiplatform); the server's own words are vaguer. */
const JOB_ID = /^[a-z][-a-z0-9]{0,127}$/

const BUCKET = /^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](\/|$)/
const NETWORK = /^projects\/\d+\/global\/networks\/[a-z]([-a-z0-9]*[a-z0-9])?$/
const ACCOUNT = /^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/
const KEY = /^projects\/[^/]+\/locations\/([^/]+)\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/

/**
 * Checks what can be checked of a job's settings before anything is sent.
 * @param location the region it is to run in
 * @throws PressroomError `invalid-setting` with everything that is wrong
 */
export function checkSettings(submission: VertexSubmission, location: string): void {
  const { spec, jobId, name = spec.pipelineInfo.name, pipelineRoot, labels = {} } = submission
  const { serviceAccount, network, encryptionKey } = submission
  const faults = labelFaults(labels)
  const root = pipelineRoot ?? spec.defaultPipelineRoot
  if (root === undefined) faults.push('no place for artifacts is named; give --root gs://BUCKET/FOLDER')
  else if (!BUCKET.test(root)) faults.push(`artifacts cannot be kept in "${root}"; give gs://BUCKET/FOLDER`)
  if (jobId !== undefined && !JOB_ID.test(jobId)) {
    faults.push(
      `job id "${jobId}" must begin with a lower-case letter and go on with letters, digits and -, 128 in all`,
    )
  }
  if (name === '' || [...name].length > 128) faults.push(`name "${name}" must have 1 to 128 characters`)
  if (serviceAccount !== undefined && !ACCOUNT.test(serviceAccount)) {
    faults.push(`"${serviceAccount}" is not a service account; give NAME@PROJECT.iam.gserviceaccount.com`)
  }
  if (network !== undefined && !NETWORK.test(network)) {
    faults.push(
      `"${network}" is not a network; give projects/NUMBER/global/networks/NAME, with the project's number`,
    )
  }
  if (encryptionKey !== undefined) {
    const [, region] = KEY.exec(encryptionKey) ?? []
    if (region !== location) {
      faults.push(
        `"${encryptionKey}" is not a key; give projects/PROJECT/locations/${location}/keyRings/RING/cryptoKeys/KEY`,
      )
    }
  }
  if (faults.length === 0) return
  throw new PressroomError(
    'invalid-setting',
    faults.length === 1 ? faults.join() : `${faults.length} settings of the job are wrong`,
    faults.length === 1 ? {} : { where: faults.join('\n  ') },
  )
}
