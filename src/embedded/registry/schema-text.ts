// The texts by which the registry knows a schema: Avro Java's Schema.toString() (what it stores and answers), Confluent's
// normalized form, and the text with all references inlined. Parsing and printing are avro/'s.
import { parseSchema } from '../../avro/parse-schema.ts'
import { definedNames, printSchema } from '../../avro/print-schema.ts'
import type { AvroSchema } from '../../avro/schema.ts'
import { refusals } from './refusal.ts'

export type RegisteredText = {
  readonly schema: AvroSchema
  /** What is stored: in normalized form if that was asked for, references left as names. */
  readonly canonical: string
  /** With the references inlined; equal for equal schemas however they are split. */
  readonly resolved: string
}

/** Throws 42201 for a text that is no schema. `strict` is for new schemas; stored ones may be older than today's rules. */
export function readSchemaText(
  text: string,
  references: readonly string[],
  options: { readonly normalize: boolean; readonly strict: boolean },
): RegisteredText {
  const schema = parse(text, references, options.strict)
  const known = new Set<string>()
  references.forEach((reference, i) => {
    definedNames(parse(reference, references.slice(0, i), false), known)
  })
  return {
    schema,
    canonical: printSchema(schema, { known, normalize: options.normalize }),
    resolved: printSchema(schema, { normalize: options.normalize }),
  }
}

function parse(text: string, references: readonly string[], strict: boolean): AvroSchema {
  const { value, diagnostics } = parseSchema(text, { strict, references })
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error')
  if (value === undefined || error !== undefined) throw refusals.invalidSchema(error?.message ?? 'not a schema')
  return value
}
