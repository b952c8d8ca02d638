import { randomUUID } from 'node:crypto'
import { absent } from './fault.ts'

export interface Pair {
  readonly key: string
  readonly value: string
}

export interface Metric {
  readonly key: string
  readonly value: number
  readonly timestamp: number
  readonly step: number
  readonly model_id?: string
}

export interface StoredRun {
  readonly run_id: string
  readonly experiment_id: string
  readonly run_name: string
  status: string
  readonly start_time: number
  end_time: number | undefined
  readonly artifact_uri: string
  readonly params: Map<string, string>
  readonly tags: Map<string, string>
  readonly metrics: Metric[]
  readonly datasets: object[]
  readonly outputs: { readonly model_id: string; readonly step: number }[]
}

export interface StoredModel {
  readonly model_id: string
  readonly experiment_id: string
  readonly name: string
  status: string
  readonly artifact_uri: string
  readonly source_run_id: string | undefined
  readonly params: readonly Pair[]
  readonly tags: readonly Pair[]
}

export interface StoredVersion {
  readonly name: string
  readonly version: number
  readonly source: string
  readonly run_id: string
  readonly description: string
  readonly tags: Map<string, string>
  readonly created: number
  stage: string
}

export interface StoredName {
  readonly name: string
  readonly created: number
  readonly versions: Map<number, StoredVersion>
  readonly aliases: Map<string, number>
}

export interface StoredWebhook {
  readonly webhook_id: string
  readonly name: string
  readonly description: string | undefined
  readonly url: string
  readonly events: readonly { readonly entity: string; readonly action: string }[]
  readonly status: string
  readonly secret: string | undefined
  readonly created: number
}

/** What an MLflow server knows, in memory. */
export class Store {
  readonly experiments: {
    readonly id: string
    readonly name: string
    /** As it was chosen by who made it; else below the artifact root. */
    readonly artifactLocation?: string | undefined
    deleted: boolean
  }[] = [{ id: '0', name: 'Default', deleted: false }]
  readonly runs = new Map<string, StoredRun>()
  readonly loggedModels = new Map<string, StoredModel>()
  readonly names = new Map<string, StoredName>()
  readonly webhooks = new Map<string, StoredWebhook>()
  /** By the path below the proxy. */
  readonly artifacts = new Map<string, Buffer>()
  /** Where artifacts go: `mlflow-artifacts:`, or a bucket for a server that does not serve them. */
  artifactRoot = 'mlflow-artifacts:'

  run(id: string): StoredRun {
    const run = this.runs.get(id)
    if (run === undefined) throw absent(`Run with id=${id} not found`)
    return run
  }

  loggedModel(id: string): StoredModel {
    const model = this.loggedModels.get(id)
    if (model === undefined) throw absent(`Logged model with ID '${id}' not found.`)
    return model
  }

  name(name: string): StoredName {
    const model = this.names.get(name)
    if (model === undefined) throw absent(`Registered Model with name=${name} not found`)
    return model
  }

  version(name: string, version: string): StoredVersion {
    const found = this.names.get(name)?.versions.get(Number(version))
    if (found === undefined) throw absent(`Model Version (name=${name}, version=${version}) not found`)
    return found
  }
}

export const newId = () => randomUUID().replaceAll('-', '')
export const pairsOf = (map: ReadonlyMap<string, string>): Pair[] =>
  [...map].map(([key, value]) => ({ key, value }))
