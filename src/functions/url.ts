// URLs as java.net.URL takes them apart, form encoding, IPv4 addresses.

type UrlParts = {
  readonly protocol: string
  readonly authority: string | null
  readonly userInfo: string | null
  readonly host: string
  readonly path: string
  readonly query: string | null
  readonly ref: string | null
}

/** Schemes that Java has a handler for; any other is malformed. */
const protocols = new Set(['http', 'https', 'ftp', 'file', 'jar', 'mailto'])

function splitUrl(url: string): UrlParts | undefined {
  const match = /^\s*([a-zA-Z][a-zA-Z0-9+.-]*):([\s\S]*?)\s*$/.exec(url)
  if (!match || !protocols.has(match[1]!.toLowerCase())) return undefined
  let rest = match[2]!
  const hash = rest.indexOf('#')
  const ref = hash < 0 ? null : rest.slice(hash + 1)
  if (hash >= 0) rest = rest.slice(0, hash)
  const mark = rest.indexOf('?')
  const query = mark < 0 ? null : rest.slice(mark + 1)
  if (mark >= 0) rest = rest.slice(0, mark)
  let authority: string | null = null
  if (rest.startsWith('//')) {
    const end = rest.indexOf('/', 2)
    authority = rest.slice(2, end < 0 ? undefined : end)
    rest = end < 0 ? '' : rest.slice(end)
  }
  const at = (authority ?? '').lastIndexOf('@')
  const hostAndPort = (authority ?? '').slice(at + 1)
  const port = /:(\d*)$/.exec(hostAndPort)
  if (/:[^\]]*[^\d\]:][^\]]*$/.test(hostAndPort) && !hostAndPort.includes(']')) return undefined
  return {
    protocol: match[1]!.toLowerCase(),
    authority,
    userInfo: at < 0 ? null : authority!.slice(0, at),
    host: port ? hostAndPort.slice(0, port.index) : hostAndPort,
    path: rest,
    query,
    ref,
  }
}

/** `key` asks for one parameter of the query. NULL for an unknown part or a malformed URL. */
export function parseUrl(url: string, part: string, key: string | undefined): string | null {
  const parts = splitUrl(url)
  if (!parts) return null
  if (key !== undefined) {
    if (part !== 'QUERY' || parts.query === null) return null
    const pair = parts.query.split('&').find((candidate) => candidate.startsWith(`${key}=`))
    return pair === undefined ? null : pair.slice(key.length + 1)
  }
  switch (part) {
    case 'HOST':
      return parts.host
    case 'PATH':
      return parts.path
    case 'QUERY':
      return parts.query
    case 'REF':
      return parts.ref
    case 'PROTOCOL':
      return parts.protocol
    case 'FILE':
      return parts.query === null ? parts.path : `${parts.path}?${parts.query}`
    case 'AUTHORITY':
      return parts.authority
    case 'USERINFO':
      return parts.userInfo
    default:
      return null
  }
}

/** application/x-www-form-urlencoded, as Java's URLEncoder writes it. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

/** NULL where a percent sign is not followed by two hexadecimal digits. */
export function urlDecode(text: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return null
  const decoder = new TextDecoder()
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = Uint8Array.from({ length: run.length / 3 }, (_, i) =>
      Number.parseInt(run.slice(i * 3 + 1, i * 3 + 3), 16),
    )
    return decoder.decode(bytes)
  })
}

/** One to four numbers of a byte each; the last one is the last byte, missing ones are zeros before it. */
export function inetAton(text: string): bigint | null {
  const parts = text.split('.')
  if (parts.length > 4 || parts.some((part) => !/^\d+$/.test(part))) return null
  const numbers = parts.map(Number)
  const last = numbers.pop()!
  if (numbers.some((part) => part > 255) || last > 255) return null
  let result = BigInt(last)
  for (const [i, part] of numbers.entries()) result += BigInt(part) * 256n ** BigInt(3 - i)
  return result
}

export function inetNtoa(value: bigint): string | null {
  if (value < 0n || value > 0xffffffffn) return null
  const number = Number(value)
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
