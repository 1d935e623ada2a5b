// Writes the slow carrier: nested values, long decimals and opaque unions, one by one.
import type { LogicalType } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'
import { avroValueOf } from './avro-value-of.ts'
import type { ByteBuffer } from './byte-buffer.ts'
import { EncodeProblem, encodeFailureMessages } from './encode-failure.ts'
import type { EncodeConversion } from './encode-mapping.ts'
import type { AvroSchema } from './schema.ts'
import { compileWriter } from './value-writer.ts'

const failureKinds = Object.keys(encodeFailureMessages)

/** Appends the value and returns -1, or the number of the kind of failure (its place in `encodeFailureMessages`). */
export type ColumnWriter = (out: ByteBuffer, value: Value) => number

export function compileColumnWriter(type: LogicalType, target: AvroSchema, conversion: EncodeConversion): ColumnWriter {
  const write = compileWriter(target)
  return (out, value) => {
    try {
      write(out, avroValueOf(type, target, conversion, value), 0)
      return -1
    } catch (problem) {
      if (problem instanceof EncodeProblem) return failureKinds.indexOf(problem.kind)
      throw problem
    }
  }
}
