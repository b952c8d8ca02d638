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
  /** Replaces the model's traffic split; percentages sum to 100 and every version is loaded. */
  | {
      readonly id: number
      readonly command: 'traffic'
      readonly model: string
      readonly split: Readonly<Record<string, number>>
    }
  /** Drops a version that has no traffic, after the requests it is answering. */
  | { readonly id: number; readonly command: 'unload'; readonly model: string; readonly version: string }
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
  readonly models: Readonly<
    Record<
      string,
      { readonly versions: readonly string[]; readonly traffic: Readonly<Record<string, number>> }
    >
  >
}
