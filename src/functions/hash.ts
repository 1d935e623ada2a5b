// Hashes, encodings and identifiers.
import type { LogicalType } from '../types/logical-type.ts'
import type { Value } from '../types/value.ts'
import { type DigestName, digest } from './digest.ts'
import type { FunctionDefinition, KernelContext } from './function-definition.ts'
import { castToFamily, either, family, form, forms, integerAsInt, string } from './input-strategies.ts'
import { BIGINT, BYTES, INT, notNull, nullable, nullableIfAnyArgument, STRING } from './output-strategies.ts'
import { failedCall, scalar } from './scalar-function.ts'
import { decodeBase64, decodeText, encodeBase64, encodeText } from './text-encoding.ts'
import { inetAton, inetNtoa, parseUrl, urlDecode, urlEncode } from './url.ts'

const stringOrBytes = family('STRING')
const anyString = castToFamily('CHARACTER')

function char(length: number): LogicalType {
  return { kind: 'CHAR', length, nullable: true }
}

function bytesOf(value: unknown): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : (value as Uint8Array)
}

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

function hashOf(name: DigestName, length: number): FunctionDefinition {
  return scalar({
    name,
    category: 'hash',
    input: forms(form(stringOrBytes)),
    output: nullableIfAnyArgument(char(length)),
    doc: `The ${name} hash in hexadecimal digits.`,
    example: `${name}(card_number)`,
    kernel:
      () =>
      ([value]) =>
        hex(digest(name, bytesOf(value))),
  })
}

const sha2Names: Readonly<Record<number, DigestName>> = { 224: 'SHA224', 256: 'SHA256', 384: 'SHA384', 512: 'SHA512' }

/** Java's String.hashCode. */
function stringHashCode(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

/** BigDecimal.hashCode of a value that fits a long. */
function decimalHashCode(unscaled: bigint, scale: number): number {
  const absolute = unscaled < 0n ? -unscaled : unscaled
  const folded = BigInt.asIntN(32, (absolute >> 32n) * 31n + (absolute & 0xffffffffn))
  return (Math.imul(31, Number(unscaled < 0n ? -folded : folded)) + scale) | 0
}

const floatView = new DataView(new ArrayBuffer(8))

/** What Java's boxed classes give. */
function hashCode(value: Value, type: LogicalType): number {
  const ofLong = (long: bigint) => Number(BigInt.asIntN(32, long ^ (BigInt.asUintN(64, long) >> 32n)))
  switch (type.kind) {
    case 'BOOLEAN':
      return value ? 1231 : 1237
    case 'CHAR':
    case 'VARCHAR':
      return stringHashCode(value as string)
    case 'DECIMAL':
      return decimalHashCode(value as bigint, type.scale)
    case 'BIGINT':
      return ofLong(value as bigint)
    case 'FLOAT':
      floatView.setFloat32(0, value as number)
      return floatView.getInt32(0)
    case 'DOUBLE':
      floatView.setFloat64(0, value as number)
      return ofLong(floatView.getBigInt64(0))
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
      return value as number
    default:
      throw failedCall('HASH_CODE', `the hash code of ${type.kind} is not known`)
  }
}

function randomUuid({ random }: KernelContext): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16))
  digits[12] = '4'
  digits[16] = (8 + Math.floor(random() * 4)).toString(16)
  const text = digits.join('')
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-')
}

export const hashFunctions: readonly FunctionDefinition[] = [
  hashOf('MD5', 32),
  hashOf('SHA1', 40),
  hashOf('SHA224', 56),
  hashOf('SHA256', 64),
  hashOf('SHA384', 96),
  hashOf('SHA512', 128),
  scalar({
    name: 'SHA2',
    category: 'hash',
    input: forms(form(stringOrBytes, integerAsInt)),
    output: nullableIfAnyArgument({ kind: 'VARCHAR', length: 128, nullable: true }),
    doc: 'The hash of the SHA-2 family with 224, 256, 384 or 512 bits, in hexadecimal digits.',
    example: 'SHA2(card_number, 256)',
    kernel:
      () =>
      ([value, bits]) => {
        const name = sha2Names[bits as number]
        return name ? hex(digest(name, bytesOf(value))) : null
      },
  }),
  scalar({
    name: 'HASH_CODE',
    category: 'hash',
    input: forms(
      form(either(family('BOOLEAN'), family('NUMERIC'), string, family('TIMESTAMP'), family('TIME'), family('DATE'))),
    ),
    output: nullableIfAnyArgument(INT),
    doc: "Java's hash code of a value.",
    example: 'HASH_CODE(name)',
    kernel:
      ({ argumentTypes }) =>
      ([value]) =>
        hashCode(value!, argumentTypes[0]!),
  }),
  scalar({
    name: 'UUID',
    category: 'string',
    input: forms(form()),
    output: notNull(char(36)),
    nullRule: 'custom',
    deterministic: false,
    doc: 'A random identifier (UUID, version 4).',
    example: 'UUID()',
    kernel: (context) => () => randomUuid(context),
  }),
  scalar({
    name: 'TO_BASE64',
    category: 'string',
    input: forms(form(stringOrBytes)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string or bytes in base 64.',
    example: "TO_BASE64('hello')",
    kernel:
      () =>
      ([value]) =>
        encodeBase64(bytesOf(value)),
  }),
  scalar({
    name: 'FROM_BASE64',
    category: 'string',
    input: forms(form(stringOrBytes)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string that base 64 stands for.',
    example: "FROM_BASE64('aGVsbG8=')",
    kernel:
      () =>
      ([value]) =>
        new TextDecoder().decode(decodeBase64(bytesOf(value))),
  }),
  scalar({
    name: 'ENCODE',
    category: 'string',
    input: forms(form(string, string)),
    output: nullableIfAnyArgument(BYTES),
    doc: 'The bytes of a string in a character set (US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE, UTF-16).',
    example: "ENCODE(name, 'UTF-8')",
    kernel:
      () =>
      ([value, charset]) =>
        encodeText(value as string, charset as string),
  }),
  scalar({
    name: 'DECODE',
    category: 'string',
    input: forms(form(family('BINARY'), string)),
    output: nullableIfAnyArgument(STRING),
    doc: 'The string of bytes in a character set (US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE, UTF-16).',
    example: "DECODE(payload, 'UTF-8')",
    kernel:
      () =>
      ([value, charset]) =>
        decodeText(value as Uint8Array, charset as string),
  }),
  scalar({
    name: 'PARSE_URL',
    category: 'string',
    input: forms(form(string, string), form(string, string, string)),
    output: nullable(STRING),
    doc: 'A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY, USERINFO, or one key of the query.',
    example: "PARSE_URL(link, 'HOST')",
    kernel:
      () =>
      ([url, part, key]) =>
        parseUrl(url as string, part as string, key as string | undefined),
  }),
  scalar({
    name: 'URL_ENCODE',
    category: 'string',
    input: forms(form(anyString)),
    output: nullable(STRING),
    doc: 'The string in the form of URLs.',
    example: 'URL_ENCODE(search_term)',
    kernel:
      () =>
      ([value]) =>
        urlEncode(value as string),
  }),
  scalar({
    name: 'URL_DECODE',
    category: 'string',
    input: forms(form(anyString)),
    output: nullable(STRING),
    doc: 'The string that a part of a URL stands for; NULL when it is malformed.',
    example: 'URL_DECODE(search_term)',
    kernel:
      () =>
      ([value]) =>
        urlDecode(value as string),
  }),
  scalar({
    name: 'INET_ATON',
    category: 'string',
    input: forms(form(anyString)),
    output: nullable(BIGINT),
    doc: 'The number of an IPv4 address; NULL when it is none.',
    example: "INET_ATON('10.0.0.1')",
    kernel:
      () =>
      ([value]) =>
        inetAton(value as string),
  }),
  scalar({
    name: 'INET_NTOA',
    category: 'string',
    input: forms(form(castToFamily('INTEGER'))),
    output: nullable(STRING),
    doc: 'The IPv4 address of a number; NULL when it is out of range.',
    example: 'INET_NTOA(167772161)',
    kernel:
      () =>
      ([value]) =>
        inetNtoa(BigInt(value as bigint)),
  }),
]
