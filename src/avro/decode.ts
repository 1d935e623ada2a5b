// One Avro value from bytes: the door to value-reader.ts. Columns go through column-decoder.ts.
import { JobError } from '../diagnostics/job-error.ts'
import { describeFailure } from './decode-failure.ts'
import { joinPath } from './encode.ts'
import { resolveSchemas } from './resolve.ts'
import type { AvroSchema } from './schema.ts'
import type { AvroValue } from './value.ts'
import { compileReader, DecodeProblem, ReadCursor } from './value-reader.ts'

/**
 * Decodes the value that data[start .. end) is, no byte more or less; throws JobError AVR020 with the field's path for anything
 * else, AVR022 where the bytes are right but the reader's schema has no place for them. Nothing refers to `data` afterwards.
 */
export type Decoder = (data: Uint8Array, start?: number, end?: number) => AvroValue

/** With a reader's schema the value is one of that, by Avro's resolution. */
export function compileDecoder(writer: AvroSchema, reader: AvroSchema = writer): Decoder {
  const read = compileReader(resolveSchemas(writer, reader))
  const cursor = new ReadCursor()
  return (data, start = 0, end = data.length) => {
    cursor.start(data, start, end)
    try {
      const value = read(cursor)
      if (cursor.position !== end) cursor.fail('trailing')
      return value
    } catch (problem) {
      if (!(problem instanceof DecodeProblem)) throw problem
      const { kind, path } = problem
      const message = `record cannot be decoded: ${describeFailure(kind, joinPath(path))}`
      throw new JobError(kind === 'unresolved' ? 'AVR022' : 'AVR020', message, { origin: 'user', retry: 'never' })
    }
  }
}
