import { secret, text } from '../../../components/definition/index.ts'

/** How a command reaches Kubeflow Pipelines. */
export const connectionInputs = {
  endpoint: text({
    optional: true,
    env: 'KF_PIPELINES_ENDPOINT',
    help: 'Address of Kubeflow Pipelines: https://kubeflow.example/pipeline. Left out with --kubeconfig.',
  }),
  namespace: text({ optional: true, help: 'The profile, where a deployment has several users.' }),
  kubeconfig: text({
    optional: true,
    help: 'A kubeconfig, or "default" for the one of kubectl: shows why pods do not start, and leads to Kubeflow without an endpoint.',
  }),
  context: text({ optional: true, help: 'A context of the kubeconfig.' }),
  user: text({ optional: true, help: 'User id, for a gateway that trusts a header.' }),
  userHeader: text({ default: 'kubeflow-userid', help: 'The name of that header.' }),
  token: secret({ env: 'KUBEFLOW_TOKEN', optional: true, help: 'Bearer token.' }),
  cookie: secret({ env: 'KUBEFLOW_COOKIE', optional: true, help: "A session's cookie, name and value." }),
}

/** What only a run on Kubeflow is made with. */
export const experimentInputs = {
  experiment: text({ default: 'Default', help: 'On Kubeflow: the experiment, made when there is none.' }),
}
