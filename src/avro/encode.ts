// One value to Avro bytes: the door to value-writer.ts. Columns go through column-encoder.ts.
import { JobError } from '../diagnostics/job-error.ts'
import { ByteBuffer } from './byte-buffer.ts'
import { describeEncodeFailure, EncodeProblem } from './encode-failure.ts'
import type { AvroSchema } from './schema.ts'
import type { AvroValue } from './value.ts'
import { compileWriter } from './value-writer.ts'

/** Encodes values of one schema; throws JobError AVR021 with the field's path for a value that is none. */
export type Encoder = (value: AvroValue) => Uint8Array

export function compileEncoder(schema: AvroSchema): Encoder {
  const write = compileWriter(schema)
  const out = new ByteBuffer()
  return (value) => {
    out.clear()
    try {
      write(out, value, 0)
    } catch (problem) {
      if (!(problem instanceof EncodeProblem)) throw problem
      const message = `value cannot be encoded: ${describeEncodeFailure(problem.kind, joinPath(problem.path))}`
      throw new JobError('AVR021', message, { origin: 'user', retry: 'never' })
    }
    return out.bytes.slice(0, out.length)
  }
}

/** `a`, `b`, `[2]`, `c` → `a.b[2].c` */
export function joinPath(path: readonly string[]): string {
  return path.map((part, index) => (index === 0 || part.startsWith('[') ? part : `.${part}`)).join('')
}
