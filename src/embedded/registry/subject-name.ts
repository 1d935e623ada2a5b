// Subjects live in contexts: `:.staging:orders-value` is `orders-value` in the context `.staging`; without a prefix it is the
// default context `.`. A name that ends behind the context's colon means the context itself (config, mode, id look-ups).

export const DEFAULT_CONTEXT = '.'
/** `:*:` asks for all contexts. */
export const ALL_CONTEXTS = ':*:'

export type SubjectName = {
  readonly context: string
  readonly subject: string
}

export function parseSubject(text: string): SubjectName {
  const match = /^:(\.[^:]*):(.*)$/s.exec(text)
  return match === null ? { context: DEFAULT_CONTEXT, subject: text } : { context: match[1]!, subject: match[2]! }
}

/** The form in which answers show it and in which the store keeps it: the default context is not written. */
export function formatSubject(name: SubjectName): string {
  return name.context === DEFAULT_CONTEXT ? name.subject : `:${name.context}:${name.subject}`
}

/** One spelling per subject. */
export function normalizeSubject(text: string): string {
  return formatSubject(parseSubject(text))
}

export function contextOf(subject: string): string {
  return parseSubject(subject).context
}
