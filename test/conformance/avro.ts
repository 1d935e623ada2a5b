// Compares avro/ with what Apache Avro Java and Confluent's client answered: bytes, values, resolutions, verdicts, texts.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalForm, fingerprint64 } from '../../src/avro/canonical-form.ts'
import { checkCompatibility } from '../../src/avro/compatibility.ts'
import { type CompatibilityLevel, checkLevel } from '../../src/avro/compatibility-levels.ts'
import { compileDecoder } from '../../src/avro/decode.ts'
import { hexOf, md5, sha256 } from '../../src/avro/digest.ts'
import { compileEncoder } from '../../src/avro/encode.ts'
import { parseSchema } from '../../src/avro/parse-schema.ts'
import { definedNames, printSchema } from '../../src/avro/print-schema.ts'
import type { AvroSchema } from '../../src/avro/schema.ts'
import { JobError } from '../../src/diagnostics/job-error.ts'
import { textOfValue, valueOfGolden } from './avro-golden-value.ts'
import { type ConformanceReport, compare, emptyFamily, type FamilyResult } from './report.ts'

type Row = { readonly id: string } & Readonly<Record<string, unknown>>

/** `goldens` is the folder of all goldens. */
export async function checkAvro(goldens: string): Promise<ConformanceReport> {
  const report: ConformanceReport = {}
  for (const [name, check] of Object.entries(families)) {
    const file = join(goldens, 'avro', `${name}.jsonl`)
    if (!existsSync(file)) continue
    const family = emptyFamily()
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue
      const row = JSON.parse(line) as Row
      family.cases++
      try {
        check(family, row)
      } catch (problem) {
        family.crashed++
        const ours = problem instanceof Error ? (problem.stack ?? '') : String(problem)
        family.differing.push({ id: row.id, measure: 'crash', golden: '', ours })
      }
    }
    report[`avro/${name}`] = family
  }
  return report
}

const families: Readonly<Record<string, (family: FamilyResult, row: Row) => void>> = {
  encode: checkEncode,
  'decode-errors': checkDecodeErrors,
  resolve: checkResolve,
  compat: checkCompat,
  'compat-levels': checkCompatLevels,
  canonical: checkCanonical,
  parse: checkParse,
}

const refused = 'refused'

function schemaOf(text: unknown, references: readonly string[] = []): AvroSchema {
  const { value, diagnostics } = parseSchema(text as string, { references })
  if (value === undefined) throw new Error(`schema is refused: ${diagnostics[0]?.message} in ${text}`)
  return value
}

function bytesOf(base64: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(base64 as string, 'base64'))
}

/** The result, or `refused` where it ends in an error for the user; our bugs go on. */
function attempt<T>(run: () => T): T | typeof refused {
  try {
    return run()
  } catch (problem) {
    if (problem instanceof JobError) return refused
    throw problem
  }
}

function decoded(schema: AvroSchema, bytes: unknown): string {
  return attempt(() => textOfValue(schema, compileDecoder(schema)(bytesOf(bytes))))
}

function goldenText(schema: AvroSchema, value: unknown): string {
  // Java decodes these; their decimal has no digits, which its own conversion refuses.
  if (JSON.stringify(value)?.includes('ERROR:zero-length')) return refused
  return textOfValue(schema, valueOfGolden(schema, value))
}

function checkEncode(family: FamilyResult, row: Row): void {
  const schema = schemaOf(row.schema)
  if (row.mode !== 'decode-only') {
    const ours = attempt(() => Buffer.from(compileEncoder(schema)(valueOfGolden(schema, row.value))).toString('base64'))
    // Where Java reads back another value than it was given, refusing is the better answer.
    const strict = ours === refused && row.decoded !== undefined
    compare(family, 'result', row.id, row.error === undefined && !strict ? row.bytes : refused, ours)
  }
  if (row.bytes === undefined) return
  const golden = row.error === undefined ? goldenText(schema, row.decoded ?? row.value) : refused
  compare(family, 'decode', row.id, golden, decoded(schema, row.bytes))
}

/** Refusing what Java accepts is right where the row is lenient, or holds text that is not UTF-8. */
function checkDecodeErrors(family: FamilyResult, row: Row): void {
  const schema = schemaOf(row.schema)
  const ours = decoded(schema, row.bytes)
  const mayRefuse = row.lenient === true || JSON.stringify(row.value)?.includes('\ufffd') === true
  const golden = row.ok !== true || (mayRefuse && ours === refused) ? refused : goldenText(schema, row.value)
  compare(family, 'result', row.id, golden, ours)
}

function checkResolve(family: FamilyResult, row: Row): void {
  const writer = schemaOf(row.writer)
  const reader = schemaOf(row.reader)
  const ours = attempt(() => textOfValue(reader, compileDecoder(writer, reader)(bytesOf(row.bytes))))
  const mayRefuse = JSON.stringify(row.value)?.includes('\ufffd') === true && ours === refused
  compare(
    family,
    'result',
    row.id,
    row.error === undefined && !mayRefuse ? goldenText(reader, row.value) : refused,
    ours,
  )
}

type JavaIncompatibility = { readonly type: string; readonly location: string; readonly message: string }

function checkCompat(family: FamilyResult, row: Row): void {
  const ours = checkCompatibility(schemaOf(row.reader), schemaOf(row.writer))
  const verdict = ours.ambiguous !== undefined ? 'EXCEPTION' : ours.compatible ? 'COMPATIBLE' : 'INCOMPATIBLE'
  compare(family, 'result', row.id, row.javaResult, verdict)
  if (row.javaResult !== 'INCOMPATIBLE') return
  const golden = row.incompatibilities as readonly JavaIncompatibility[]
  const kinds = (found: readonly { kind: string; location: string }[]) =>
    found.map(({ kind, location }) => `${kind} ${location}`)
  const theirs = golden.map(({ type, location, message }) => ({ kind: type, location, message }))
  compare(family, 'findings', row.id, kinds(theirs), kinds(ours.incompatibilities))
  const messages = (found: readonly { message: string }[]) => found.map(({ message }) => message)
  compare(family, 'messages', row.id, messages(theirs), messages(ours.incompatibilities))
}

type JavaLevel = { readonly compatible: boolean; readonly messages: readonly string[] }

function checkCompatLevels(family: FamilyResult, row: Row): void {
  const texts = row.versions as readonly string[]
  if (row.levels === undefined) return
  const versions = texts.map((text) => {
    const schema = schemaOf(text)
    return { schema, text: printSchema(schema) }
  })
  const candidate = versions.pop()!.schema
  for (const [level, golden] of Object.entries(row.levels as Readonly<Record<string, JavaLevel>>)) {
    const messages = checkLevel(level as CompatibilityLevel, candidate, versions)
    compare(family, 'result', `${row.id} ${level}`, golden.compatible, messages.length === 0)
    compare(family, 'messages', `${row.id} ${level}`, golden.messages, messages)
  }
}

type Confluent = { readonly canonicalString?: string; readonly normalizedString?: string }

function checkCanonical(family: FamilyResult, row: Row): void {
  const references = ((row.references ?? []) as readonly { readonly schema: string }[]).map(({ schema }) => schema)
  const schema = parseSchema(row.schema as string, { references }).value
  compare(family, 'accepted', row.id, row.error === undefined, schema !== undefined)
  if (row.error !== undefined || schema === undefined) return
  const form = canonicalForm(schema)
  const bytes = new TextEncoder().encode(form)
  compare(family, 'result', row.id, row.parsingCanonicalForm, form)
  compare(family, 'fingerprint', row.id, row.crc64Long, String(BigInt.asIntN(64, fingerprint64(schema))))
  compare(family, 'fingerprint', row.id, row.md5, hexOf(md5(bytes)))
  compare(family, 'fingerprint', row.id, row.sha256, hexOf(sha256(bytes)))
  compare(family, 'text', row.id, row.javaToString, printSchema(schema))
  const confluent = row.confluent as Confluent
  const known = new Set<string>()
  for (const [index, reference] of references.entries())
    definedNames(schemaOf(reference, references.slice(0, index).concat(references.slice(index + 1))), known)
  if (confluent.canonicalString !== undefined) {
    compare(family, 'text', row.id, confluent.canonicalString, printSchema(schema, { known }))
  }
  if (confluent.normalizedString !== undefined) {
    compare(family, 'text', row.id, confluent.normalizedString, printSchema(schema, { known, normalize: true }))
  }
}

function checkParse(family: FamilyResult, row: Row): void {
  const strict = parseSchema(row.schema as string, { strict: true }).value
  const tolerant = parseSchema(row.schema as string).value
  compare(family, 'strict', row.id, row.valid === true && row.validStrictNames === true, strict !== undefined)
  const old = row.confluentOld as { readonly valid: boolean }
  compare(family, 'tolerant', row.id, old.valid, tolerant !== undefined)
  if (strict === undefined || !String(row.group).match(/^(logical|decimal)/)) return
  compare(family, 'logicalType', row.id, row.logicalType ?? 'none', strict.logical?.kind ?? 'none')
}
