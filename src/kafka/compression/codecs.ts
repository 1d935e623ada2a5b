// The compressions that a record batch may have, by their number in the batch's attributes. lz4 and snappy are our own kernels,
// gzip and zstd are Node's. What comes out is bounded before it is made.
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type ByteArena, CorruptCompression } from './byte-arena.ts'
import { compressLz4Frame, decompressLz4Frame } from './lz4.ts'
import { compressSnappy, decompressSnappy } from './snappy.ts'

/** Appends to `into` at most `limit` bytes. Throws CorruptCompression. */
type Decompress = (source: Uint8Array, start: number, end: number, into: ByteArena, limit: number) => void

export type Codec = {
  readonly name: 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly decompress: Decompress
  readonly compress: (source: Uint8Array) => Uint8Array
}

function zlibDecompress(name: string, run: (source: Uint8Array, limit: number) => Uint8Array): Decompress {
  return (source, start, end, into, limit) => {
    let output: Uint8Array
    try {
      output = run(source.subarray(start, end), limit)
    } catch (error) {
      throw new CorruptCompression(
        (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
          ? `${name} data grows over the limit of ${limit} bytes`
          : `${name} data is damaged (${(error as Error).message})`,
      )
    }
    into.append(output)
  }
}

const gzip: Codec = {
  name: 'gzip',
  decompress: zlibDecompress('gzip', (source, limit) => gunzipSync(source, { maxOutputLength: limit })),
  compress: (source) => gzipSync(source),
}

const snappy: Codec = { name: 'snappy', decompress: decompressSnappy, compress: compressSnappy }

const lz4: Codec = { name: 'lz4', decompress: decompressLz4Frame, compress: compressLz4Frame }

const zstd: Codec = {
  name: 'zstd',
  decompress: zlibDecompress('zstd', (source, limit) => zstdDecompressSync(source, { maxOutputLength: limit })),
  compress: (source) => zstdCompressSync(source),
}

/** By number; 0 is no compression. */
export const codecs: readonly (Codec | undefined)[] = [undefined, gzip, snappy, lz4, zstd]
