import type {
  AnyReference,
  Condition,
  ParameterReference,
  UntypedReference,
} from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import type { BranchesGroup, ConditionGroup, Group } from './graph.ts'
import { current, fill, referencesIn } from './recording.ts'
import { ConditionValue, Reference } from './references.ts'

/** A comparison, or a boolean taken as it is. */
export type Truth = Condition | ParameterReference<'boolean'> | UntypedReference

/** What a branch hands out, by name, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a body without outputs is a function that returns nothing
export type BranchOutputs = Readonly<Record<string, AnyReference>> | void

/** How a group is shown. */
export interface GroupOptions {
  /** The name people read, in place of kind and number. */
  readonly named?: string
}

/** What may follow an if. What the branches hand out exists only once there is an else: some branch must run. */
export interface Branches<R extends BranchOutputs> {
  /** Runs when no earlier condition holds and this one does. */
  elseWhen(condition: Truth, body: () => R, options?: GroupOptions): Branches<R>
  /** Runs when no condition holds. Returns what the branch that ran handed out, by name. */
  otherwise(body: () => R, options?: GroupOptions): R
}

/**
 * Runs the tasks that `body` calls only when the condition holds. What they put out stays inside, since it need not
 * exist; what a chain of branches with an else returns is there outside, as the value of whichever ran.
 */
export function when<R extends BranchOutputs>(
  condition: Truth,
  body: () => R,
  options: GroupOptions = {},
): Branches<R> {
  const state = current('when() was called')
  const group: ConditionGroup = {
    kind: 'condition',
    parent: state.group,
    id: ++state.lastId,
    condition,
    earlier: [],
    displayName: options.named,
    groups: [],
    tasks: [],
  }
  state.group.groups.push(group)
  return new Chain(group, fill(state, group, body)) as unknown as Branches<R>
}

/** Holds when the condition does not. */
export function not(condition: Truth): Condition {
  return new ConditionValue({ kind: 'not', of: condition }) as unknown as Condition
}

/** Holds when all conditions do. */
export function and(first: Truth, ...others: readonly Truth[]): Condition {
  return new ConditionValue({ kind: 'and', of: [first, ...others] }) as unknown as Condition
}

/** Holds when one condition does. */
export function or(first: Truth, ...others: readonly Truth[]): Condition {
  return new ConditionValue({ kind: 'or', of: [first, ...others] }) as unknown as Condition
}

/**
 * Takes the one branch of a chain, which can get no other then.
 * @throws PressroomError `invalid-pipeline` when there are more
 */
export function onlyBranch(chain: unknown): { readonly branch: ConditionGroup; readonly returned: unknown } {
  if (chain instanceof Chain) return chain.close()
  throw new PressroomError('invalid-pipeline', 'collect() was given no when()', {
    fix: 'write collect(when(…, () => { … return { … } }))',
  })
}

/** What stands behind `Branches`. */
class Chain {
  readonly #first: ConditionGroup
  readonly #home: Group
  readonly #conditions: unknown[]
  readonly #returned: { readonly branch: ConditionGroup; readonly returned: unknown }[]
  #group: BranchesGroup | undefined
  #closed = false

  constructor(first: ConditionGroup, returned: unknown) {
    this.#first = first
    this.#home = first.parent
    this.#conditions = [first.condition]
    this.#returned = [{ branch: first, returned }]
  }

  elseWhen(condition: unknown, body: () => unknown, options: GroupOptions = {}): this {
    this.#add('elseWhen()', condition, body, options)
    this.#conditions.push(condition)
    return this
  }

  otherwise(body: () => unknown, options: GroupOptions = {}): unknown {
    const branches = this.#add('otherwise()', undefined, body, options)
    this.#closed = true
    const [first] = this.#returned
    const outputs = referencesIn(first?.returned).map(([name, { channel }], position) => {
      const index = position + 1
      const reference = new Reference({
        from: 'one-of',
        branches,
        index,
        // `OneOfMixin._make_oneof_name` of kfp/dsl/pipeline_channel.py
        name: `pipelinechannel--condition-branches-${branches.id}-oneof-${index}`,
        definition: channel.definition,
        of: this.#returned.map(({ branch, returned }) => ({
          branch,
          value: (returned as Record<string, unknown> | undefined)?.[name],
        })),
      })
      return [name, reference]
    })
    return outputs.length === 0 ? undefined : Object.fromEntries(outputs)
  }

  close() {
    const [first, ...others] = this.#returned
    if (first === undefined || others.length > 0 || this.#closed) {
      throw new PressroomError('invalid-pipeline', 'collect() was given a chain of several branches', {
        fix: 'end the chain with otherwise(), which returns what the branch that ran hands out',
      })
    }
    this.#closed = true
    return first
  }

  #add(what: string, condition: unknown, body: () => unknown, options: GroupOptions): BranchesGroup {
    const state = current(`${what} was called`)
    if (state.group !== this.#home || this.#closed) {
      throw new PressroomError('invalid-pipeline', `${what} does not belong to a when() here`, {
        where: this.#closed
          ? 'its chain has an else already, or was collected'
          : 'its when() stands in another group',
        fix: 'chain it: when(…).elseWhen(…).otherwise(…)',
      })
    }
    this.#group ??= this.#wrap(++state.lastId)
    const group: ConditionGroup = {
      kind: 'condition',
      parent: this.#group,
      id: ++state.lastId,
      condition,
      earlier: [...this.#conditions],
      displayName: options.named,
      groups: [],
      tasks: [],
    }
    this.#group.groups.push(group)
    this.#returned.push({ branch: group, returned: fill(state, group, body) })
    return this.#group
  }

  /**
   * Puts a group around the if, in its place. The two swap numbers, as
   * `maybe_make_and_insert_conditional_branches_group` of kfp/dsl/tasks_group.py has them.
   */
  #wrap(id: number): BranchesGroup {
    const first = this.#first
    const group: BranchesGroup = {
      kind: 'condition-branches',
      parent: this.#home,
      id: first.id,
      displayName: undefined,
      groups: [first],
      tasks: [],
    }
    this.#home.groups[this.#home.groups.indexOf(first)] = group
    first.id = id
    first.parent = group
    return group
  }
}
