// Access tokens by OAuth 2.0 client credentials (RFC 6749, 4.4), asked for once and renewed before they expire.
import type { RegistryAuth } from './registry-connection.ts'
import { RegistryError } from './registry-error.ts'

export type OAuthCredentials = Omit<RegistryAuth & { readonly kind: 'oauth' }, 'kind'>

export type TokenExchange = (
  url: string,
  headers: Record<string, string>,
  body: string,
) => Promise<{ readonly status: number; readonly text: string }>

/** A token is renewed this long before it expires. */
const RENEW_BEFORE_MS = 30_000

export class OAuthTokens {
  readonly #credentials: OAuthCredentials
  readonly #exchange: TokenExchange
  readonly #setting: string
  #token: Promise<{ readonly text: string; readonly renewAt: number }> | undefined

  /** `setting` is the key of sluice.yaml that an error names. */
  constructor(credentials: OAuthCredentials, exchange: TokenExchange, setting: string) {
    this.#credentials = credentials
    this.#exchange = exchange
    this.#setting = setting
  }

  async current(): Promise<string> {
    const known = this.#token
    if (known !== undefined) {
      const token = await known
      if (Date.now() < token.renewAt) return token.text
      if (this.#token === known) this.#token = undefined
    }
    this.#token ??= this.#fetch()
    try {
      return (await this.#token).text
    } catch (error) {
      this.#token = undefined
      throw error
    }
  }

  /** After a refusal: the next call asks for a new token. */
  forget(): void {
    this.#token = undefined
  }

  async #fetch(): Promise<{ text: string; renewAt: number }> {
    const { tokenUrl, clientId, clientSecret, scope } = this.#credentials
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
    // RFC 6749, 2.3.1: both parts form-encoded before they are joined.
    const login = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`
    const answer = await this.#exchange(
      tokenUrl,
      {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(login, 'utf8').toString('base64')}`,
      },
      form.toString(),
    )
    const token = answer.status === 200 ? readToken(answer.text) : undefined
    if (token === undefined) {
      throw new RegistryError('AVR103', `\`${new URL(tokenUrl).host}\` gives no access token (${answer.status})`, {
        status: answer.status,
        errorCode: answer.status,
        retry: answer.status >= 500 ? 'backoff' : 'never',
        origin: 'user',
        hint: `Check \`${this.#setting}\` of the environment in sluice.yaml: tokenUrl, clientId, clientSecret and scope.`,
      })
    }
    return { text: token.text, renewAt: Date.now() + token.lifetimeMs - RENEW_BEFORE_MS }
  }
}

function readToken(text: string): { text: string; lifetimeMs: number } | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof body !== 'object' || body === null || !('access_token' in body)) return undefined
  if (typeof body.access_token !== 'string') return undefined
  const seconds = 'expires_in' in body && typeof body.expires_in === 'number' ? body.expires_in : 300
  return { text: body.access_token, lifetimeMs: seconds * 1000 }
}
