// Why a value cannot be written into its field.

export const encodeFailureMessages = {
  null: 'the value is NULL, and the schema has no null here',
  symbol: 'the text is no symbol of the enum',
  range: 'the number is outside the range of the type',
  exact: 'the number cannot be held exactly by the type',
  length: 'the bytes do not have the length of the fixed type',
  uuid: 'the text is no UUID',
  text: 'the text holds half a surrogate pair and cannot be written as UTF-8',
  type: 'the value is none of the type',
  depth: 'values are nested too deeply',
} as const

export type EncodeFailureKind = keyof typeof encodeFailureMessages

export function describeEncodeFailure(kind: EncodeFailureKind, path: string): string {
  return path === '' ? encodeFailureMessages[kind] : `field \`${path}\`: ${encodeFailureMessages[kind]}`
}

/** Leaves a value writer; no Error, to be cheap. `path` is outermost first; filled on the way out. */
export class EncodeProblem {
  readonly kind: EncodeFailureKind
  readonly path: string[] = []
  constructor(kind: EncodeFailureKind) {
    this.kind = kind
  }
}
