// ksqlDB's clauses that Sluice reads as sugar: WINDOW TUMBLING (...) behind FROM, EMIT CHANGES at the end. desugar.ts rewrites them.
import type { SugarDuration, SugarWindow } from './ast.ts'
import { unitAt } from './parse-literal.ts'
import type { Parser } from './parser-state.ts'

const windowTypes: ReadonlySet<string> = new Set(['TUMBLING', 'HOPPING', 'SESSION'])

function wordAt(p: Parser, distance: number): string {
  const index = Math.min(p.position + distance, p.kinds.length - 1)
  return p.text.slice(p.starts[index], p.ends[index]).toUpperCase()
}

function acceptWord(p: Parser, word: string): boolean {
  if (wordAt(p, 0) !== word) return false
  p.advance()
  return true
}

function expectWord(p: Parser, word: string): void {
  if (!acceptWord(p, word)) p.fail(word)
}

/** WINDOW type ( cannot begin Flink's own WINDOW clause, which has AS in the parenthesis' place. */
export function parseSugarWindowIfAny(p: Parser): { sugarWindow?: SugarWindow } {
  if (p.peek() !== 'WINDOW' || !windowTypes.has(wordAt(p, 1)) || p.peekAt(2) !== '(') return {}
  const start = p.start()
  p.advance()
  const type = wordAt(p, 0) as SugarWindow['type']
  p.advance()
  p.expect('(')
  if (type !== 'SESSION') expectWord(p, 'SIZE')
  const size = parseDuration(p)
  let advance: SugarDuration | undefined
  let retention: SugarDuration | undefined
  let grace: SugarDuration | undefined
  while (p.accept(',')) {
    if (acceptWord(p, 'RETENTION')) retention = parseDuration(p)
    else if (acceptWord(p, 'GRACE')) {
      expectWord(p, 'PERIOD')
      grace = parseDuration(p)
    } else if (type === 'HOPPING' && advance === undefined) {
      expectWord(p, 'ADVANCE')
      p.expect('BY')
      advance = parseDuration(p)
    } else p.fail('GRACE PERIOD', 'RETENTION')
  }
  if (type === 'HOPPING' && advance === undefined) p.fail('ADVANCE BY')
  p.expect(')')
  const sugarWindow: SugarWindow = {
    kind: 'sugarWindow',
    type,
    size,
    ...(advance === undefined ? {} : { advance }),
    ...(retention === undefined ? {} : { retention }),
    ...(grace === undefined ? {} : { grace }),
    span: p.spanFrom(start),
  }
  return { sugarWindow }
}

function parseDuration(p: Parser): SugarDuration {
  const start = p.start()
  p.expect('integer')
  const amount = p.lastText()
  const word = wordAt(p, 0)
  const unit = word === 'MILLISECOND' || word === 'MILLISECONDS' ? 'MILLISECOND' : unitAt(p, 0)
  if (unit === undefined) return p.fail('SECONDS', 'MINUTES', 'HOURS', 'DAYS')
  p.advance()
  return { kind: 'sugarDuration', amount, unit, span: p.spanFrom(start) }
}

export function parseSugarEmit(p: Parser): { sugarEmit?: { start: number; end: number } } {
  if (p.peek() !== 'identifier' || wordAt(p, 0) !== 'EMIT') return {}
  const start = p.start()
  p.advance()
  expectWord(p, 'CHANGES')
  return { sugarEmit: p.spanFrom(start) }
}
