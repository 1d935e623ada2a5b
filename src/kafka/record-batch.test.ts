import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CorruptRecordBatch, CRC_START } from './batch-header.ts'
import { crc32c } from './crc32c.ts'
import { headersAt, type ParseOptions, parseRecordBatches } from './record-batch.ts'
import { type Compression, RecordBatchWriter } from './record-batch-writer.ts'
import { type RecordHeader, RecordSlices } from './record-slices.ts'

type TestRecord = {
  timestamp: number
  key: Uint8Array | null
  value: Uint8Array | null
  headers?: readonly RecordHeader[] | undefined
}
type BatchSettings = { baseOffset?: number; compression?: Compression; producerId?: number; transactional?: boolean }

const compressions: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const text = new TextEncoder()

/** A batch as a broker stores it: with its base offset, which the CRC does not cover. */
function batchOf(records: readonly TestRecord[], settings: BatchSettings = {}): Buffer {
  const writer = new RecordBatchWriter(256)
  for (const { timestamp, key, value, headers } of records) {
    writer.append(timestamp, key, 0, key?.length ?? 0, value, 0, value?.length ?? 0, headers)
  }
  const batch = Buffer.from(
    writer.seal({
      compression: settings.compression ?? 'none',
      producerId: settings.producerId ?? -1,
      producerEpoch: 0,
      baseSequence: 0,
      isTransactional: settings.transactional ?? false,
    }),
  )
  batch.writeBigInt64BE(BigInt(settings.baseOffset ?? 0), 0)
  return batch
}

function values(count: number, name = 'value'): TestRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    timestamp: 1000 + index,
    key: null,
    value: text.encode(`${name} ${index}`),
  }))
}

/** A marker that ends a producer's transaction. */
function marker(producerId: number, baseOffset: number, type: 'abort' | 'commit'): Buffer {
  const key = new Uint8Array([0, 0, 0, type === 'abort' ? 0 : 1])
  const batch = batchOf([{ timestamp: 0, key, value: new Uint8Array(6) }], {
    baseOffset,
    producerId,
    transactional: true,
  })
  return withChangedHeader(batch, (bytes) => {
    bytes[22] = (bytes[22] as number) | 32
  })
}

function withChangedHeader(batch: Buffer, change: (bytes: Buffer) => void): Buffer {
  const changed = Buffer.from(batch)
  change(changed)
  changed.writeUInt32BE(crc32c(changed, CRC_START, changed.length), 17)
  return changed
}

function parse(bytes: Uint8Array, options: Partial<ParseOptions> = {}) {
  const slices = new RecordSlices()
  const next = parseRecordBatches(bytes, 0, bytes.length, slices, { fromOffset: 0, ...options })
  return { slices, next, records: readBack(slices) }
}

function readBack(slices: RecordSlices): (TestRecord & { offset: number })[] {
  const bytesAt = (start: number | undefined, length: number | undefined) =>
    length === -1 ? null : new Uint8Array(slices.data.slice(start, (start as number) + (length as number)))
  return Array.from({ length: slices.count }, (_, i) => ({
    offset: slices.offsets[i] as number,
    timestamp: slices.timestamps[i] as number,
    key: bytesAt(slices.keyStarts[i], slices.keyLengths[i]),
    value: bytesAt(slices.valueStarts[i], slices.valueLengths[i]),
    headers: headersAt(slices, i),
  }))
}

const anyBytes = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 200 }),
  // Text that repeats, so that the compressions have something to do.
  fc.tuple(fc.string({ maxLength: 20 }), fc.nat(50)).map(([part, times]) => text.encode(part.repeat(times))),
)
const anyRecord = fc.record({
  timestamp: fc.oneof(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: -(2 ** 45), max: 2 ** 45 })),
  key: anyBytes,
  value: anyBytes,
  headers: fc.array(fc.record({ key: fc.string(), value: anyBytes }), { maxLength: 3 }),
})

describe('record batches', () => {
  test.each(compressions)('whatever is written with %s is read back', (compression) => {
    fc.assert(
      fc.property(fc.array(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), { maxLength: 4 }), (batches) => {
        let offset = 7
        const parts = batches.map((records) => {
          const batch = batchOf(records, { baseOffset: offset, compression })
          offset += records.length
          return batch
        })
        const { records, next, slices } = parse(Buffer.concat(parts), { fromOffset: 7 })
        expect(records).toEqual(batches.flat().map((record, index) => ({ offset: 7 + index, ...record })))
        expect(next).toBe(offset)
        expect(slices.batchCount).toBe(batches.length)
      }),
      { numRuns: 60 },
    )
  })

  test('compressed and plain batches may follow each other in one fetch', () => {
    const parts = compressions.map((compression, index) =>
      batchOf(values(10, compression), { compression, baseOffset: index * 10 }),
    )
    const { records } = parse(Buffer.concat(parts))
    expect(records.map((record) => Buffer.from(record.value as Uint8Array).toString())).toEqual(
      compressions.flatMap((name) =>
        values(10, name).map((record) => Buffer.from(record.value as Uint8Array).toString()),
      ),
    )
  })

  test('a fetch from the middle of a batch leaves out the records before the offset', () => {
    const { records, next } = parse(batchOf(values(10), { baseOffset: 100 }), { fromOffset: 104 })
    expect(records.map((record) => record.offset)).toEqual([104, 105, 106, 107, 108, 109])
    expect(next).toBe(110)
  })

  test('offsets that compaction removed from the end of a batch are passed over', () => {
    const batch = withChangedHeader(batchOf(values(3), { baseOffset: 10 }), (bytes) => bytes.writeInt32BE(9, 23))
    expect(parse(batch, { fromOffset: 10 }).next).toBe(20)
  })

  test('on topics with LogAppendTime the time of every record is the one of the broker', () => {
    const batch = withChangedHeader(batchOf(values(3)), (bytes) => {
      bytes[22] = 8
      bytes.writeBigInt64BE(1_700_000_000_000n, 35)
    })
    expect(parse(batch).records.map((record) => record.timestamp)).toEqual([1.7e12, 1.7e12, 1.7e12])
  })

  test.each(compressions)(
    'a fetch with %s that is cut at any byte gives the whole batches and no error',
    (compression) => {
      const first = batchOf(values(5), { compression })
      const bytes = Buffer.concat([first, batchOf(values(5), { compression, baseOffset: 5 })])
      for (let length = 0; length < bytes.length; length++) {
        const { next, records } = parse(bytes.subarray(0, length))
        expect(next).toBe(length < first.length ? 0 : 5)
        expect(records.length).toBe(next)
      }
    },
  )
})

describe('damaged record batches', () => {
  const reason = (bytes: Uint8Array, options: Partial<ParseOptions> = {}) => {
    try {
      parse(bytes, options)
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptRecordBatch)
      const { offset, message } = error as CorruptRecordBatch
      return `${offset}: ${message}`
    }
    return 'no error'
  }

  test('a flipped bit anywhere after the length is found', () => {
    const batch = batchOf(values(3), { baseOffset: 42 })
    for (let at = CRC_START; at < batch.length; at++) {
      const damaged = Buffer.from(batch)
      damaged[at] = (damaged[at] as number) ^ 0x10
      expect(reason(damaged)).toMatch(/^42: the checksum|negative counts/)
    }
  })

  test('old message formats are refused by offset', () => {
    const batch = batchOf(values(1), { baseOffset: 9 })
    batch[16] = 1
    expect(reason(batch)).toBe(
      '9: the records have the old message format 1; only format 2 (Kafka 0.11 and later) is read',
    )
  })

  test('a batch whose length is impossible is refused', () => {
    const batch = batchOf(values(1), { baseOffset: 3 })
    batch.writeInt32BE(-5, 8)
    expect(reason(batch)).toBe('3: the record batch announces a length of -5 bytes')
  })

  test('a count of records that the bytes cannot hold is refused before anything is allocated', () => {
    const batch = withChangedHeader(batchOf(values(1)), (bytes) => bytes.writeInt32BE(2 ** 31 - 1, 57))
    expect(reason(batch)).toMatch(/^0: the record batch announces 2147483647 records in \d+ bytes/)
  })

  test.each(compressions.slice(1))('a batch of %s that would grow over the limit is refused', (compression) => {
    const zeros = new Uint8Array(4_000_000)
    const batch = batchOf([{ timestamp: 0, key: null, value: zeros }], { compression, baseOffset: 5 })
    expect(reason(batch, { maxDecompressedBytes: 1_000_000 })).toMatch(/^5: .*limit/)
  })

  test.each(compressions.slice(1))(
    '%s data that is cut or changed anywhere gives an error or records, never a crash',
    (compression) => {
      const batch = batchOf(values(40), { compression, baseOffset: 5 })
      for (let at = 61; at < batch.length; at++) {
        for (const byte of [0, 0xff, (batch[at] as number) ^ 1]) {
          const changed = withChangedHeader(batch, (bytes) => {
            bytes[at] = byte
          })
          expect(reason(changed)).toMatch(/^5: |no error/)
        }
        const cut = withChangedHeader(batch.subarray(0, at), (bytes) => bytes.writeInt32BE(at - 12, 8))
        expect(reason(cut)).toMatch(/^5: /)
      }
    },
  )

  test('records whose lengths lie are refused, whatever they say', () => {
    const batch = batchOf([
      { timestamp: 1, key: text.encode('k'), value: text.encode('v'), headers: [{ key: 'h', value: null }] },
    ])
    for (let at = 61; at < batch.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const changed = withChangedHeader(batch, (bytes) => {
          bytes[at] = byte
        })
        expect(reason(changed)).toMatch(/^0: a record of the batch|no error/)
      }
    }
  })

  test('random bytes never crash the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const framed = Buffer.concat([batchOf(values(1)).subarray(0, 61), bytes])
        framed.writeInt32BE(framed.length - 12, 8)
        framed.writeInt32BE(3, 57)
        framed.writeUInt32BE(crc32c(framed, CRC_START, framed.length), 17)
        expect(reason(framed)).toMatch(/^0: |no error/)
      }),
    )
  })

  test('an unknown compression is named', () => {
    const batch = withChangedHeader(batchOf(values(1)), (bytes) => {
      bytes[22] = 6
    })
    expect(reason(batch)).toBe('0: the record batch has the unknown compression 6')
  })
})

describe('reading committed', () => {
  const committed = { abortedTransactions: [] }
  const offsets = (bytes: Uint8Array, options: Partial<ParseOptions>) =>
    parse(bytes, options).records.map((r) => r.offset)
  const transactional = (producerId: number, baseOffset: number, count = 1) =>
    batchOf(values(count), { producerId, baseOffset, transactional: true })

  test('markers are no records, and the offset after them is next', () => {
    const bytes = Buffer.concat([transactional(1, 0), marker(1, 1, 'commit')])
    expect(offsets(bytes, committed)).toEqual([0])
    expect(parse(bytes, committed).next).toBe(2)
    expect(offsets(bytes, {})).toEqual([0])
  })

  test('two aborted transactions of one producer, then a committed one', () => {
    const bytes = Buffer.concat([
      transactional(1, 0),
      marker(1, 1, 'abort'),
      transactional(1, 2),
      marker(1, 3, 'abort'),
      transactional(1, 4),
      marker(1, 5, 'commit'),
    ])
    const abortedTransactions = [
      { producerId: 1, firstOffset: 0 },
      { producerId: 1, firstOffset: 2 },
    ]
    expect(offsets(bytes, { abortedTransactions })).toEqual([4])
    expect(offsets(bytes, {})).toEqual([0, 2, 4])
  })

  test('an aborted transaction whose marker is not in this fetch', () => {
    const bytes = Buffer.concat([transactional(1, 0), transactional(2, 1), transactional(1, 2)])
    expect(offsets(bytes, { abortedTransactions: [{ producerId: 1, firstOffset: 0 }] })).toEqual([1])
  })

  test('a transaction that began before this fetch', () => {
    const bytes = Buffer.concat([transactional(1, 10), marker(1, 11, 'abort'), transactional(1, 12)])
    expect(offsets(bytes, { fromOffset: 10, abortedTransactions: [{ producerId: 1, firstOffset: 4 }] })).toEqual([12])
  })

  test('records without transaction of an aborted producer id are kept', () => {
    const bytes = batchOf(values(2), { producerId: 1 })
    expect(offsets(bytes, { abortedTransactions: [{ producerId: 1, firstOffset: 0 }] })).toEqual([0, 1])
  })

  test('nothing at or after the last stable offset is read', () => {
    const bytes = Buffer.concat([transactional(1, 0), transactional(1, 1), transactional(1, 2)])
    expect(offsets(bytes, { ...committed, endOffset: 1 })).toEqual([0])
    expect(parse(bytes, { ...committed, endOffset: 1 }).next).toBe(1)
  })
})

test('raw snappy, as some clients write it, is read like the framed one', () => {
  const plain = batchOf(values(1))
  const body = plain.subarray(61)
  const raw = Buffer.concat([plain.subarray(0, 61), Buffer.from([body.length, (body.length - 1) << 2]), body])
  raw.writeInt32BE(raw.length - 12, 8)
  raw[22] = 2
  raw.writeUInt32BE(crc32c(raw, CRC_START, raw.length), 17)
  expect(parse(raw).records).toEqual(parse(plain).records)
})

test('a gzip bomb of a kilobyte is refused', () => {
  const bomb = gzipSync(Buffer.alloc(1 << 20))
  const batch = Buffer.concat([batchOf(values(1)).subarray(0, 61), bomb])
  batch.writeInt32BE(batch.length - 12, 8)
  batch[22] = 1
  batch.writeUInt32BE(crc32c(batch, CRC_START, batch.length), 17)
  expect(() => parse(batch, { maxDecompressedBytes: 1000 })).toThrow('gzip data grows over the limit of 1000 bytes')
})
