// Authentication (KIP-43, KIP-152, KIP-368).
import { defineApi } from '../api.ts'
import { arrayOf, bytes, int16, int64, string } from '../codec.ts'

export const saslHandshake = defineApi({
  name: 'SaslHandshake',
  key: 17,
  versions: '0-1',
  request: {
    mechanism: string('0+'),
  },
  response: {
    errorCode: int16('0+'),
    mechanisms: arrayOf('string', '0+'),
  },
})

export const saslAuthenticate = defineApi({
  name: 'SaslAuthenticate',
  key: 36,
  versions: '0-2',
  flexible: '2+',
  request: {
    authBytes: bytes('0+'),
  },
  response: {
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    authBytes: bytes('0+'),
    sessionLifetimeMs: int64('1+'),
  },
})
