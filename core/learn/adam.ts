/** Adam's settings under scikit-learn's names, with the values of the paper as defaults there. */
export interface AdamSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

/** Running means of the gradient and of its square, for parameters of any number. */
export class Adam {
  readonly first: Float32Array
  readonly second: Float32Array
  readonly #settings: AdamSettings

  /** @param kept moments to go on from */
  constructor(size: number, settings: AdamSettings, kept?: { first: Float32Array; second: Float32Array }) {
    this.first = kept?.first ?? new Float32Array(size)
    this.second = kept?.second ?? new Float32Array(size)
    this.#settings = settings
  }

  /**
   * Moves `length` parameters from `at` on, against their gradients from `from` on. D. Kingma and J. Ba, Adam, ICLR 2015, algorithm
   * 1, with both corrections of the bias folded into `rate` as in its section 2.
   * @param rate the learning rate of step `t`, as {@link rateOf} gives it
   */
  step(
    parameters: Float32Array,
    at: number,
    gradients: Float32Array,
    from: number,
    length: number,
    rate: number,
  ): void {
    const { beta1, beta2, epsilon } = this.#settings
    const { first, second } = this
    for (let i = 0; i < length; i++) {
      const gradient = gradients[from + i]!
      const mean = beta1 * first[at + i]! + (1 - beta1) * gradient
      const square = beta2 * second[at + i]! + (1 - beta2) * gradient * gradient
      first[at + i] = mean
      second[at + i] = square
      parameters[at + i]! -= (rate * mean) / (Math.sqrt(square) + epsilon)
    }
  }
}

/** The rate of step `t`, 1 or more, that makes up for moments which began at 0. */
export function rateOf(learningRate: number, t: number, { beta1, beta2 }: AdamSettings): number {
  return (learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t)
}
