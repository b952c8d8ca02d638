/**
 * What the local deployment target and the service it starts say to each other over Node's IPC channel. It lives here
 * because webhook and serving must not know each other. The channel closes with the deployer, however that ends, and the
 * service then stops: no orphan keeps the port.
 */
export type ServiceCommand =
  | { readonly id: number; readonly command: 'observe' }
  /** Loads a version beside those already there; repeating it changes nothing. It gets no traffic yet. */
  | {
      readonly id: number
      readonly command: 'load'
      readonly model: string
      readonly version: string
      readonly folder: string
    }
  /** Replaces the model's traffic split, and what is kept of a rollout; percentages sum to 100 and every version is loaded. */
  | {
      readonly id: number
      readonly command: 'traffic'
      readonly model: string
      readonly split: Readonly<Record<string, number>>
      readonly rollout?: ServiceRollout
    }
  /** Gives a loaded version copies of this percent of the requests; their answers are dropped. 0 ends it. */
  | {
      readonly id: number
      readonly command: 'shadow'
      readonly model: string
      readonly version: string
      readonly share: number
    }
  /** Asks what one version did between two times, in milliseconds since the epoch. */
  | {
      readonly id: number
      readonly command: 'measure'
      readonly model: string
      readonly version: string
      readonly from: number
      readonly to: number
    }
  /** Drops a version that has no traffic, after the requests it is answering. */
  | { readonly id: number; readonly command: 'unload'; readonly model: string; readonly version: string }
  /** Drops a model with all of its versions, after the requests that they are answering. */
  | { readonly id: number; readonly command: 'retire'; readonly model: string }
  /** Asks one loaded version, traffic or not; the deployer checks golden examples with it. */
  | {
      readonly id: number
      readonly command: 'predict'
      readonly model: string
      readonly version: string
      readonly texts: readonly string[]
    }

export type ServiceAnswer =
  | {
      readonly id: number
      readonly ok: true
      readonly state: ServiceState
      readonly labels?: readonly string[]
      readonly measured?: ServiceMeasured
    }
  | { readonly id: number; readonly ok: false; readonly error: string }

/** The service's first message, once it listens. */
export interface ServiceReady {
  readonly ready: { readonly url: string }
}

/** The service's first message when it cannot listen: an ErrorCode and the whole message. */
export interface ServiceFailed {
  readonly failed: { readonly code: string; readonly message: string }
}

export interface ServiceState {
  readonly models: Readonly<Record<string, ServiceModel>>
}

export interface ServiceModel {
  readonly versions: readonly string[]
  /** Percent of the requests by version. */
  readonly traffic: Readonly<Record<string, number>>
  /** Percent of the requests that a version gets copies of; left out when none does. */
  readonly shadow?: Readonly<Record<string, number>>
  /** As it was given with the traffic. It is kept in memory: a service that starts anew has neither. */
  readonly rollout?: ServiceRollout
}

/** The step of a rollout: which version has which percent, since when (milliseconds since the epoch). */
export interface ServiceRollout {
  readonly version: string
  readonly share: number
  readonly since: number
  /** The version that served before. */
  readonly before?: string
  /** Why its traffic was taken back, for as long as the registry does not know. */
  readonly bad?: string
}

/** What one version did: requests, the share of them that failed, and the time that 99 of 100 took, in milliseconds. */
export interface ServiceMeasured {
  readonly requests: number
  readonly errorRate?: number
  readonly p99?: number
  /** Texts that somebody labelled, and the share of them that it gives that label. */
  readonly labelled?: number
  readonly accuracy?: number
}
