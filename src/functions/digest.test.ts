import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DigestName, digest } from './digest.ts'

const names: readonly (readonly [DigestName, string])[] = [
  ['MD5', 'md5'],
  ['SHA1', 'sha1'],
  ['SHA224', 'sha224'],
  ['SHA256', 'sha256'],
  ['SHA384', 'sha384'],
  ['SHA512', 'sha512'],
]

test.each(names)('%s agrees with OpenSSL on messages of any length', (name, algorithm) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      expect(Buffer.from(digest(name, message)).toString('hex')).toBe(
        createHash(algorithm).update(message).digest('hex'),
      )
    }),
    { numRuns: 60 },
  )
})
