// One environment of sluice.yaml as connection settings: secrets and files are read here, and what is missing is told with its place.
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts'
import { HttpExchange } from '../registry/http-exchange.ts'
import { OAuthTokens } from '../registry/oauth-tokens.ts'
import type { RegistryAuth, RegistryConnection, RegistryTls } from '../registry/registry-connection.ts'
import { childOf, entriesOfTexts, mapOf, textOf } from './yaml-access.ts'
import type { YamlMap, YamlNode } from './yaml-tree.ts'

/** What kafka/ needs to connect. */
export type KafkaSettings = {
  readonly bootstrap: readonly string[]
  /** PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly sasl?:
    | {
        readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
        readonly username: string
        readonly password: string
      }
    | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> }
}

/** Of a request for an access token. */
const TOKEN_TIMEOUT_MS = 5_000

// biome-ignore lint/suspicious/noTemplateCurlyInString: the form that users write
const SECRET_FORM = '${secret:name}'
const secretPattern = /\$\{secret:([^}]*)\}/g
const secretName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/

export class EnvironmentReader {
  readonly diagnostics: Diagnostic[] = []
  readonly #file: string
  readonly #shown: string
  readonly #secretsDir: string
  readonly #processEnv: Readonly<Record<string, string | undefined>>

  constructor(
    file: string,
    shown: string,
    secretsDir: string,
    processEnv: Readonly<Record<string, string | undefined>>,
  ) {
    this.#file = file
    this.#shown = shown
    this.#secretsDir = secretsDir
    this.#processEnv = processEnv
  }

  kafka(environment: YamlMap, name: string): KafkaSettings {
    const node = mapOf(environment, 'kafka')
    const tls = this.#tls(node)
    const sasl = this.#sasl(mapOf(node, 'sasl'), `environments.${name}.kafka.sasl`)
    const bootstrap = this.#texts(childOf(node, 'bootstrap'))
    return {
      bootstrap,
      ...(tls === undefined
        ? {}
        : {
            tls: {
              ...(tls.ca === undefined ? {} : { ca: tls.ca }),
              ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
              ...(tls.key === undefined ? {} : { key: tls.key }),
            },
          }),
      ...(sasl === undefined ? {} : { sasl }),
    }
  }

  registry(environment: YamlMap, name: string): RegistryConnection {
    const node = mapOf(environment, 'registry')
    const authNode = mapOf(node, 'auth')
    const auth = authNode === undefined ? undefined : this.#auth(authNode, `environments.${name}.registry.auth`)
    const tls = this.#tls(node)
    const context = this.#text(node, 'context')
    const headers = entriesOfTexts(mapOf(node, 'headers') === undefined ? undefined : node, 'headers')
    return {
      urls: this.#urls(childOf(node, 'urls')),
      ...(auth === undefined ? {} : { auth }),
      ...(tls === undefined ? {} : { tls }),
      ...(context === undefined ? {} : { context }),
      ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    }
  }

  #sasl(node: YamlMap | undefined, path: string): KafkaSettings['sasl'] {
    if (node === undefined) return undefined
    const mechanism = textOf(node, 'mechanism')
    if (mechanism === 'OAUTHBEARER') {
      const http = new HttpExchange(
        {},
        TOKEN_TIMEOUT_MS,
        (url, cause) => new Error(`\`${url.host}\` cannot be reached`, { cause }),
      )
      const tokens = new OAuthTokens(
        this.#oauth(node, path),
        (url, headers, body) => http.send(new URL(url), 'POST', headers, body),
        'kafka.sasl',
      )
      return { mechanism, token: () => tokens.current() }
    }
    return {
      mechanism: mechanism as 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
      username: this.#required(node, 'username', path),
      password: this.#required(node, 'password', path),
    }
  }

  #auth(node: YamlMap, path: string): RegistryAuth {
    if (childOf(node, 'token') !== undefined) return { kind: 'bearer', token: this.#required(node, 'token', path) }
    if (childOf(node, 'username') !== undefined) {
      return {
        kind: 'basic',
        username: this.#required(node, 'username', path),
        password: this.#required(node, 'password', path),
      }
    }
    const logicalCluster = this.#text(node, 'logicalCluster')
    const identityPool = this.#text(node, 'identityPool')
    return {
      kind: 'oauth',
      ...this.#oauth(node, path),
      ...(logicalCluster === undefined ? {} : { logicalCluster }),
      ...(identityPool === undefined ? {} : { identityPool }),
    }
  }

  #oauth(node: YamlMap, path: string): { tokenUrl: string; clientId: string; clientSecret: string; scope?: string } {
    const scope = this.#text(node, 'scope')
    return {
      tokenUrl: this.#required(node, 'tokenUrl', path),
      clientId: this.#required(node, 'clientId', path),
      clientSecret: this.#required(node, 'clientSecret', path),
      ...(scope === undefined ? {} : { scope }),
    }
  }

  #tls(node: YamlMap | undefined): RegistryTls | undefined {
    if (childOf(node, 'tls') === undefined) return undefined
    const tls = mapOf(node, 'tls')
    const ca = this.#fileText(tls, 'ca')
    const certificate = this.#fileText(tls, 'certificate')
    const key = this.#fileText(tls, 'key')
    const keyPassword = this.#text(tls, 'keyPassword')
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(key === undefined ? {} : { key }),
      ...(keyPassword === undefined ? {} : { keyPassword }),
    }
  }

  #required(node: YamlMap, key: string, path: string): string {
    const text = this.#text(node, key)
    if (text !== undefined) return text
    this.#report('OPT003', `\`${path}\` lacks the key \`${key}\``, node.entries[0]?.keySpan ?? node.span)
    return ''
  }

  #urls(node: YamlNode | undefined): readonly string[] {
    const urls = this.#texts(node)
    urls.forEach((url, i) => {
      const item = node?.kind === 'list' ? node.items[i] : undefined
      if (item !== undefined && !isHttpUrl(url)) {
        this.#report('OPT005', `\`${url}\` is not an address`, item.span, 'An address is like http://localhost:8081.')
      }
    })
    return urls
  }

  /** The text of the file that a key names. */
  #fileText(node: YamlMap | undefined, key: string): string | undefined {
    const path = this.#text(node, key)
    if (path === undefined) return undefined
    try {
      return readFileSync(resolve(dirname(this.#file), path), 'utf8')
    } catch {
      this.#report(
        'OPT009',
        `file \`${path}\` cannot be read`,
        childOf(node, key)!.span,
        'Its path is relative to sluice.yaml.',
      )
      return undefined
    }
  }

  #texts(node: YamlNode | undefined): readonly string[] {
    if (node?.kind !== 'list') return []
    return node.items.flatMap((item) =>
      item.kind === 'scalar' ? [this.#withSecrets(String(item.value), item.span)] : [],
    )
  }

  #text(node: YamlMap | undefined, key: string): string | undefined {
    const text = textOf(node, key)
    return text === undefined ? undefined : this.#withSecrets(text, childOf(node, key)!.span)
  }

  #withSecrets(text: string, span: Span): string {
    return text.replace(secretPattern, (_reference, name: string) => this.#secret(name, span))
  }

  #secret(name: string, span: Span): string {
    if (!secretName.test(name)) {
      this.#report('OPT010', `\`${name}\` is no name of a secret`, span, `A reference is written ${SECRET_FORM}.`)
      return ''
    }
    const variable = `SLUICE_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`
    const value = this.#processEnv[variable]
    if (value !== undefined) return value
    const path = join(this.#secretsDir, name)
    try {
      // Editors end files with a newline that is not part of the secret.
      return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    } catch {
      this.#report(
        'OPT010',
        `secret \`${name}\` is missing`,
        span,
        `Set the environment variable ${variable}, or write the file ${path}.`,
      )
      return ''
    }
  }

  #report(code: Diagnostic['code'], message: string, span: Span, hint?: string): void {
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      file: this.#shown,
      span,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
