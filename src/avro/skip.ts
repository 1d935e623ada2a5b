// Jumps over a value without making it, checking everything that a length, an index or a tag can be wrong in. Texts are not
// looked at. Used where a value is not needed: by column-decoder.ts (for what it does not inline) and value-reader.ts.
import { failureCode, MAX_DEPTH, MAX_EMPTY_ITEMS } from './decode-failure.ts'
import type { AvroSchema, RecordSchema } from './schema.ts'
import { isLength, readInt, readLong } from './varint.ts'

/** Returns the position behind the value, or a negative failure code (see decode-failure.ts). */
export type Skip = (data: Uint8Array, position: number, end: number, depth: number) => number

const cutOff = failureCode('cut-off')
const badNumber = failureCode('number')
const badLength = failureCode('length')
const badCount = failureCode('count')
const words = new Int32Array(2)

export function compileSkip(schema: AvroSchema): Skip {
  return build(schema, new Map())
}

function build(schema: AvroSchema, records: Map<RecordSchema, Skip>): Skip {
  switch (schema.kind) {
    case 'null':
      return (_data, position) => position
    case 'boolean':
      return (data, position, end) => {
        if (position >= end) return cutOff
        return data[position]! > 1 ? failureCode('boolean') : position + 1
      }
    case 'int':
      return (data, position, end) => numberEnd(readInt(data, position, end, words))
    case 'long':
      return (data, position, end) => numberEnd(readLong(data, position, end, words))
    case 'float':
      return skipFixed(4)
    case 'double':
      return skipFixed(8)
    case 'fixed':
      return skipFixed(schema.size)
    case 'bytes':
    case 'string':
      return skipBytes
    case 'enum':
      return skipEnum(schema.symbols.length)
    case 'union': {
      const branches = schema.branches.map((branch) => build(branch, records))
      return (data, position, end, depth) => {
        const next = readInt(data, position, end, words)
        if (next < 0) return numberEnd(next)
        const branch = branches[words[0]!]
        return branch === undefined ? failureCode('branch') : branch(data, next, end, depth)
      }
    }
    case 'record':
      return buildRecord(schema, records)
    case 'array':
      return skipBlocks(build(schema.items, records), minimumSize(schema.items))
    case 'map': {
      const value = build(schema.values, records)
      const entry: Skip = (data, position, end, depth) => {
        const next = skipBytes(data, position, end, depth)
        return next < 0 ? next : value(data, next, end, depth)
      }
      return skipBlocks(entry, 1 + minimumSize(schema.values))
    }
  }
}

function numberEnd(position: number): number {
  return position >= 0 ? position : position === -1 ? cutOff : badNumber
}

function skipFixed(size: number): Skip {
  return (_data, position, end) => (size > end - position ? cutOff : position + size)
}

const skipBytes: Skip = (data, position, end) => {
  const next = readLong(data, position, end, words)
  if (next < 0) return numberEnd(next)
  return !isLength(words) || words[0]! > end - next ? badLength : next + words[0]!
}

function skipEnum(symbols: number): Skip {
  return (data, position, end) => {
    const next = readInt(data, position, end, words)
    if (next < 0) return numberEnd(next)
    return words[0]! < 0 || words[0]! >= symbols ? failureCode('symbol') : next
  }
}

function buildRecord(schema: RecordSchema, records: Map<RecordSchema, Skip>): Skip {
  const known = records.get(schema)
  if (known !== undefined) return known
  const fields: Skip[] = []
  const skip: Skip = (data, position, end, depth) => {
    if (depth > MAX_DEPTH) return failureCode('depth')
    let next = position
    for (const field of fields) {
      next = field(data, next, end, depth + 1)
      if (next < 0) return next
    }
    return next
  }
  records.set(schema, skip)
  for (const field of schema.fields) fields.push(build(field.type, records))
  return skip
}

/**
 * Blocks of items: a count, for a negative one also the block's size in bytes, then the items; a count of 0 ends. The size is
 * not believed: items are walked, so that what a decoder refuses a skip refuses too.
 */
function skipBlocks(item: Skip, itemSize: number): Skip {
  return (data, start, end, depth) => {
    if (depth > MAX_DEPTH) return failureCode('depth')
    let position = start
    let empty = 0
    for (;;) {
      position = readLong(data, position, end, words)
      if (position < 0) return numberEnd(position)
      let count = blockCount(words)
      if (count === 0) return position
      let blockEnd = -1
      if (count < 0) {
        count = -count
        position = readLong(data, position, end, words)
        if (position < 0) return numberEnd(position)
        if (!isLength(words) || words[0]! > end - position) return badLength
        blockEnd = position + words[0]!
      }
      if (itemSize === 0) {
        // Such items have no bytes that could be wrong, so there is nothing to walk.
        empty += count
        if (empty > MAX_EMPTY_ITEMS) return badCount
        count = 0
      } else if (count > (end - position) / itemSize) return badCount
      for (let i = 0; i < count; i++) {
        position = item(data, position, end, depth + 1)
        if (position < 0) return position
      }
      if (blockEnd >= 0 && position !== blockEnd) return badLength
    }
  }
}

/** The count as a number; what is beyond 2^53 is so large anyway that no data holds as many. */
export function blockCount(halves: Int32Array): number {
  return halves[1]! * 4294967296 + (halves[0]! >>> 0)
}

/** The fewest bytes a value of the schema can take. */
export function minimumSize(schema: AvroSchema): number {
  return sizeWithin(schema, new Map())
}

function sizeWithin(schema: AvroSchema, known: Map<RecordSchema, number>): number {
  switch (schema.kind) {
    case 'null':
      return 0
    case 'float':
      return 4
    case 'double':
      return 8
    case 'fixed':
      return schema.size
    case 'union':
      return 1 + Math.min(...schema.branches.map((branch) => sizeWithin(branch, known)))
    case 'record': {
      const earlier = known.get(schema)
      if (earlier !== undefined) return earlier
      // Inside itself a record counts as one byte: it can only end through a union or a container.
      known.set(schema, 1)
      let size = 0
      for (const field of schema.fields) size += sizeWithin(field.type, known)
      known.set(schema, size)
      return size
    }
    default:
      return 1
  }
}
