import { boolean, text } from '../../components/definition/index.ts'

/** What a run on a server is made with, whichever it is. */
export const submissionInputs = {
  root: text({
    optional: true,
    help: 'On a server: where artifacts are kept: gs://, on Kubeflow s3:// and minio:// too.',
  }),
  serviceAccount: text({ optional: true, help: 'On a server: the service account that tasks run as.' }),
  runName: text({
    optional: true,
    help: 'On a server: the name of the run or schedule. Default: that of the pipeline.',
  }),
}

/** For places that let what tasks print be followed: this machine and Kubeflow. */
export const logInputs = {
  logs: boolean({ default: false, help: 'Show what tasks print, as they print it; not on Vertex AI.' }),
}

/** How a run on a server is waited for. */
export const waitInputs = {
  wait: boolean({ default: true, help: 'On a server: wait for the end of the run.' }),
  terminateOnCancel: boolean({
    default: false,
    help: 'On a server: end the run when the wait ends first: by Ctrl-C, or because the run cannot go on.',
  }),
}
