/**
 * JSON as `google.protobuf.Value`, in the form that official clients take (struct.proto). They have converters of their own,
 * but inside packages that are optional here.
 */
export type ProtoValue =
  | { readonly nullValue: 'NULL_VALUE' }
  | { readonly numberValue: number }
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly listValue: { readonly values: readonly ProtoValue[] } }
  | { readonly structValue: ProtoStruct }

export interface ProtoStruct {
  readonly fields: Readonly<Record<string, ProtoValue>>
}

/** A JSON object as a Struct. Keys without a value are left out. */
export function toStruct(object: object): ProtoStruct {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return { fields: Object.fromEntries(entries.map(([key, value]) => [key, toValue(value)])) }
}

/** A JSON value as a Value. */
export function toValue(value: unknown): ProtoValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { numberValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } }
  if (typeof value === 'object' && value !== null) return { structValue: toStruct(value) }
  return { nullValue: 'NULL_VALUE' }
}

/** The JSON object of a Struct. */
export function fromStruct({ fields }: ProtoStruct): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, fromValue(value)]))
}

/** The JSON value of a Value. */
export function fromValue(value: ProtoValue): unknown {
  if ('structValue' in value) return fromStruct(value.structValue)
  if ('listValue' in value) return value.listValue.values.map(fromValue)
  if ('stringValue' in value) return value.stringValue
  if ('numberValue' in value) return value.numberValue
  return 'boolValue' in value ? value.boolValue : null
}
