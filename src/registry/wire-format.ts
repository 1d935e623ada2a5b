// Confluent's framing of a record's key or value: which schema wrote it and where the Avro payload begins. Decoding is the connectors'.
//
//   V0 prefix  => 0x00 schema_id payload          schema_id => INT32 (big-endian)
//   V1 header  => 0x01 guid                       guid => 16 bytes (UUID, big-endian); the payload then has no prefix; the last
//                                                 header `__value_schema_id` or `__key_schema_id` that is not null
//   V1 prefix  => 0x01 guid payload
//
// A null value is a tombstone: it is never framed and must not be given to these functions.

const MAGIC_ID = 0x00
const MAGIC_GUID = 0x01

/** Bytes of the V0 prefix. */
export const ID_PREFIX_LENGTH = 5
/** Bytes of a V1 prefix or header. */
const GUID_PREFIX_LENGTH = 17

/** Answers of `readSchemaId` that are not ids. */
export const TOO_SHORT = -1
export const UNKNOWN_MAGIC = -2
export const HAS_GUID = -3
export const SINGLE_OBJECT = -4

/** What names the writer schema: an id of the registry's context, or a guid that is the same in every registry. */
type SchemaReferenceInRecord =
  | { readonly kind: 'id'; readonly id: number }
  | { readonly kind: 'guid'; readonly guid: string }

export type Framing = {
  readonly schema: SchemaReferenceInRecord
  /** Offset into the data given, where the Avro binary begins. */
  readonly payloadStart: number
}

export type FramingProblem = {
  readonly kind: 'too-short' | 'unknown-magic' | 'single-object' | 'bad-header'
  /** Lower case, one line: what was found where a frame should be. */
  readonly message: string
}

/**
 * The hot path: the schema id of a V0-framed record, or one of the negative answers above. Allocates nothing.
 * A record may carry its guid in a header instead; who supports V1 asks `readFraming` when this is not an id.
 */
export function readSchemaId(data: Uint8Array, start: number, end: number): number {
  if (end - start < ID_PREFIX_LENGTH)
    return end - start >= 1 && data[start] === MAGIC_ID ? TOO_SHORT : classify(data, start, end)
  if (data[start] !== MAGIC_ID) return classify(data, start, end)
  const id = (data[start + 1]! << 24) | (data[start + 2]! << 16) | (data[start + 3]! << 8) | data[start + 4]!
  return id >= 0 ? id : UNKNOWN_MAGIC
}

/** Header first, then the payload's prefix: the order of Confluent's default deserializer. */
export function readFraming(
  data: Uint8Array,
  start: number,
  end: number,
  header?: Uint8Array | null,
): Framing | FramingProblem {
  if (header !== undefined && header !== null) {
    const schema = readReference(header, 0, header.length)
    if (schema === undefined || framedLength(schema) !== header.length) {
      return {
        kind: 'bad-header',
        message: `schema id header of ${header.length} bytes (${hex(header, 0, header.length)}) is no schema guid`,
      }
    }
    return { schema, payloadStart: start }
  }
  const schema = readReference(data, start, end)
  if (schema !== undefined) return { schema, payloadStart: start + framedLength(schema) }
  const length = end - start
  switch (readSchemaId(data, start, end)) {
    case SINGLE_OBJECT:
      return {
        kind: 'single-object',
        message: "record has Avro's single-object encoding (C3 01), not the schema registry's framing",
      }
    case UNKNOWN_MAGIC:
      return {
        kind: 'unknown-magic',
        message: `record of ${length} bytes does not begin with the schema registry's magic byte 00${data[start] === MAGIC_ID ? ' and an id' : ''} (it begins with ${hex(data, start, end)})`,
      }
    default:
      return {
        kind: 'too-short',
        message: `record of ${length} bytes (${hex(data, start, end)}) is too short for a schema id`,
      }
  }
}

/** Writes the V0 prefix; the caller has made room for ID_PREFIX_LENGTH bytes. Returns the offset behind it. */
export function writeSchemaId(target: Uint8Array, offset: number, id: number): number {
  target[offset] = MAGIC_ID
  target[offset + 1] = id >>> 24
  target[offset + 2] = id >>> 16
  target[offset + 3] = id >>> 8
  target[offset + 4] = id
  return offset + ID_PREFIX_LENGTH
}

function classify(data: Uint8Array, start: number, end: number): number {
  if (end - start < 1) return TOO_SHORT
  if (data[start] === MAGIC_GUID) return end - start >= GUID_PREFIX_LENGTH ? HAS_GUID : TOO_SHORT
  // Avro's single-object encoding (Avro specification, "Single-object encoding"): C3 01, 8-byte fingerprint, payload.
  if (data[start] === 0xc3 && data[start + 1] === 0x01 && end - start >= 10) return SINGLE_OBJECT
  return UNKNOWN_MAGIC
}

function readReference(data: Uint8Array, start: number, end: number): SchemaReferenceInRecord | undefined {
  const id = readSchemaId(data, start, end)
  if (id >= 0) return { kind: 'id', id }
  if (id === HAS_GUID) return { kind: 'guid', guid: formatGuid(data, start + 1) }
  return undefined
}

function framedLength(schema: SchemaReferenceInRecord): number {
  return schema.kind === 'id' ? ID_PREFIX_LENGTH : GUID_PREFIX_LENGTH
}

function formatGuid(data: Uint8Array, start: number): string {
  const digits = hexDigits(data, start, start + 16)
  return [8, 12, 16, 20, 32].map((end, i) => digits.slice([0, 8, 12, 16, 20][i], end)).join('-')
}

function hex(data: Uint8Array, start: number, end: number): string {
  const shown = Math.min(end, start + 8)
  if (shown <= start) return 'nothing'
  const pairs = hexDigits(data, start, shown).replace(/(..)(?!$)/g, '$1 ')
  return shown < end ? `${pairs} …` : pairs
}

function hexDigits(data: Uint8Array, start: number, end: number): string {
  let digits = ''
  for (let i = start; i < end; i++) digits += data[i]!.toString(16).padStart(2, '0')
  return digits
}
