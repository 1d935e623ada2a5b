import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apis } from './apis.ts'
import type { Field, Fields } from './codec.ts'
import { errorCode, errorName, isRetriable, kafkaErrors } from './errors.ts'
import {
  bodyOf,
  correlationIdOf,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type Frame,
  FrameSplitter,
} from './frames.ts'
import { apiVersions } from './messages/api-versions.ts'
import { fetch } from './messages/fetch.ts'
import { metadata } from './messages/metadata.ts'
import { produce } from './messages/produce.ts'
import { MalformedMessage } from './wire.ts'

const withoutLength = (frame: Frame) => new Uint8Array(Buffer.concat(frame).subarray(4))

const covers = (versions: string | undefined, version: number) => {
  if (versions === undefined) return false
  const [, from, to] = /^(\d+)(?:-(\d+)|\+)?$/.exec(versions) as unknown as [string, string, string?]
  return version >= Number(from) && (versions.endsWith('+') || version <= Number(to ?? from))
}

/** Any value of a message in one version: only fields that the version has. */
function anyMessage(fields: Fields, version: number, flexible: boolean): fc.Arbitrary<object> {
  const present = Object.entries(fields).filter(
    ([, field]) => covers(field.versions, version) && (field.tag === undefined || flexible),
  )
  return fc.record(Object.fromEntries(present.map(([name, field]) => [name, anyValue(field, version, flexible)])))
}

function anyValue(field: Field<unknown>, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  const value = anyPresent(field, version, flexible)
  return covers(field.nullable, version) ? fc.option(value) : value
}

function anyPresent(field: Field<unknown>, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'bool':
      return fc.boolean()
    case 'int8':
      return fc.integer({ min: -128, max: 127 })
    case 'int16':
      return fc.integer({ min: -32_768, max: 32_767 })
    case 'int32':
      return fc.integer()
    case 'int64':
      return fc.maxSafeInteger()
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 20 })
    case 'bytes':
    case 'records':
      return fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(new Uint8Array(5000).fill(7)))
    case 'uuid':
      return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'))
    case 'array':
      return fc.array(anyPresent(field.element as Field<unknown>, version, flexible), { maxLength: 3 })
    case 'struct':
      return anyMessage(field.fields as Fields, version, flexible)
  }
}

const everyVersion = apis.flatMap((api) =>
  Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, index) => ({
    api,
    name: api.name,
    version: api.minVersion + index,
  })),
)

describe('every API in every version', () => {
  test.each(everyVersion)('$name v$version: what is encoded is decoded', ({ api, version }) => {
    const flexible = api.isFlexible(version)
    fc.assert(
      fc.property(anyMessage(api.definition.request, version, flexible), fc.integer(), (body, id) => {
        const decoded = decodeRequest(withoutLength(encodeRequest(api, version, id, 'me', body)))
        expect(decoded).toMatchObject({ apiKey: api.key, version, correlationId: id, clientId: 'me', api })
        expect(plain(decoded.body)).toMatchObject(plain(body) as object)
      }),
      { numRuns: 10 },
    )
    fc.assert(
      fc.property(anyMessage(api.definition.response, version, flexible), fc.integer(), (body, id) => {
        const frame = withoutLength(encodeResponse(api, version, id, body))
        expect(correlationIdOf(frame)).toBe(id)
        expect(plain(decodeResponse(api, version, frame))).toMatchObject(plain(body) as object)
      }),
      { numRuns: 10 },
    )
  })

  test.each(everyVersion)('$name v$version: a message that is cut anywhere is refused', ({ api, version }) => {
    const body = fc.sample(anyMessage(api.definition.response, version, api.isFlexible(version)), {
      numRuns: 1,
      seed: 7,
    })[0]
    const frame = withoutLength(encodeResponse(api, version, 1, body as object))
    const step = Math.max(1, Math.floor(frame.length / 50))
    for (let length = 4; length < frame.length; length += step) {
      expect(() => decodeResponse(api, version, frame.subarray(0, length))).toThrow(MalformedMessage)
    }
  })
})

/** Views of a frame compare like the bytes that they show. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, plain(entry)]))
}

describe('messages on the wire', () => {
  const hex = (frame: Frame) => Buffer.concat(frame).toString('hex')

  test('an old request has 16-bit lengths and no tags', () => {
    expect(hex(encodeRequest(metadata, 1, 5, 'me', { topics: [{ name: 'ab' }] }))).toBe(
      ['00000014', '0003', '0001', '00000005', '00026d65', '00000001', '00026162'].join(''),
    )
  })

  test('a flexible request has compact lengths and tags, the client id stays as it was', () => {
    expect(hex(encodeRequest(metadata, 9, 5, 'me', { topics: [{ name: 'ab' }] }))).toBe(
      ['00000016', '0003', '0009', '00000005', '00026d65', '00', '02', '036162', '00', '01', '00', '00', '00'].join(''),
    )
  })

  test('the answer to ApiVersions has the old header in every version', () => {
    const frame = encodeResponse(apiVersions, 3, 5, { errorCode: 35 })
    expect(hex(frame)).toBe(['0000000c', '00000005', '0023', '01', '00000000', '00'].join(''))
  })

  test('what a version lacks has its default', () => {
    const frame = withoutLength(
      encodeRequest(fetch, 4, 1, null, { topics: [{ topic: 't', partitions: [{ partition: 2 }] }] }),
    )
    const body = bodyOf(fetch, decodeRequest(frame))
    expect(body).toMatchObject({ replicaId: -1, sessionEpoch: -1, rackId: '', maxBytes: 0x7fffffff })
    expect(body.topics[0]?.partitions[0]).toMatchObject({ partition: 2, currentLeaderEpoch: -1 })
  })

  test('an unknown key or version still tells who asked', () => {
    const frame = withoutLength(encodeRequest(apiVersions, 3, 77, 'me', {}))
    frame[3] = 99
    expect(decodeRequest(frame)).toMatchObject({ apiKey: 18, version: 99, correlationId: 77, api: undefined })
  })

  test('large records are sent and received without a copy', () => {
    const records = new Uint8Array(100_000).fill(1)
    const frame = encodeRequest(produce, 9, 1, null, {
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    })
    expect(frame).toContain(records)
    const bytes = withoutLength(frame)
    const decoded = bodyOf(produce, decodeRequest(bytes)).topicData[0]?.partitionData[0]?.records
    expect(decoded?.buffer).toBe(bytes.buffer)
    expect(decoded?.length).toBe(100_000)
  })

  test('a length that the frame cannot hold is refused before anything is allocated', () => {
    const frame = withoutLength(encodeResponse(metadata, 1, 1, {}))
    frame.set([0x7f, 0xff, 0xff, 0xff], 4)
    expect(() => decodeResponse(metadata, 1, frame)).toThrow(MalformedMessage)
  })
})

describe('frames of a stream', () => {
  const frames = [1, 2, 3].map((id) => Buffer.concat(encodeResponse(metadata, 1, id, { controllerId: id })))

  test('are found however the stream is cut', () => {
    const stream = Buffer.concat(frames)
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 10 }), (cuts) => {
        const found: string[] = []
        const splitter = new FrameSplitter((frame) => found.push(Buffer.from(frame).toString('hex')))
        const bounds = [0, ...cuts.sort((a, b) => a - b), stream.length]
        for (let i = 1; i < bounds.length; i++) splitter.push(stream.subarray(bounds[i - 1], bounds[i]))
        expect(found).toEqual(frames.map((frame) => frame.subarray(4).toString('hex')))
      }),
    )
  })

  test('of impossible length are refused', () => {
    const push = (length: number) =>
      new FrameSplitter(() => {}, { maxFrameBytes: 1000 }).push(Buffer.from([0, 0, length >> 8, length & 255]))
    expect(() => push(1001)).toThrow(MalformedMessage)
    expect(() => push(3)).toThrow(MalformedMessage)
    expect(() => push(1000)).not.toThrow()
  })
})

test('errors have the names and codes of Kafka', () => {
  expect(errorName(47)).toBe('INVALID_PRODUCER_EPOCH')
  expect(errorCode.OFFSET_OUT_OF_RANGE).toBe(1)
  expect(isRetriable(errorCode.NOT_LEADER_OR_FOLLOWER)).toBe(true)
  expect(isRetriable(errorCode.PRODUCER_FENCED)).toBe(false)
  expect(new Set(kafkaErrors.map((row) => row.code)).size).toBe(kafkaErrors.length)
})
