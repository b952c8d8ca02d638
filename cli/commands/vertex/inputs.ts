import { choice, list, text } from '../../../components/definition/index.ts'

/** How a command reaches Vertex AI. */
export const placeInputs = {
  project: text({
    optional: true,
    env: 'GOOGLE_CLOUD_PROJECT',
    help: 'Google Cloud project. Default: that of the credentials.',
  }),
  location: text({
    optional: true,
    env: 'GOOGLE_CLOUD_REGION',
    help: 'Region of Vertex AI, such as europe-west4.',
  }),
  apiEndpoint: text({
    optional: true,
    env: 'VERTEX_API_ENDPOINT',
    help: "HOST or HOST:PORT in place of the region's public endpoint, for Private Service Connect.",
  }),
}

/** What only a job on Vertex AI is made with. */
export const jobInputs = {
  jobId: text({
    optional: true,
    help: 'On Vertex AI: the id of the job. Running again with the same id finds the job that is there.',
  }),
  label: list({ default: [], help: 'On Vertex AI: a label of the job, as key=value; may be repeated.' }),
  network: text({
    optional: true,
    help: 'On Vertex AI: a peered network, projects/NUMBER/global/networks/NAME.',
  }),
  encryptionKey: text({
    optional: true,
    help: 'On Vertex AI: a customer-managed key, projects/…/cryptoKeys/….',
  }),
  caching: choice(['compiled', 'on', 'off'], {
    default: 'compiled',
    help: 'On Vertex AI: caching of every task; compiled leaves it as the pipeline says.',
  }),
  failurePolicy: choice(['slow', 'fast'], {
    default: 'slow',
    help: 'On Vertex AI: after a failed task, slow finishes what does not need it, fast starts nothing new.',
  }),
}
