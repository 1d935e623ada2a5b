// Canonical Flink SQL of queries and table references: one line per clause, inner queries indented.
import { unreachable } from '../diagnostics/assert.ts'
import type {
  GroupingElement,
  Hint,
  HintOption,
  Join,
  MatchRecognize,
  OrderedQuery,
  Pattern,
  Query,
  Select,
  SelectItem,
  SetOperation,
  SugarDuration,
  SugarWindow,
  Table,
  TableReference,
  TableSample,
  With,
} from './ast.ts'
import {
  commaList,
  ExpressionPrinter,
  printDataType,
  printIdentifier,
  printName,
  printText,
  words,
} from './print-expression.ts'

const expressions = new ExpressionPrinter(parenthesizedQuery)

export const printExpression = expressions.print.bind(expressions)

export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}

/** A query in parentheses: on one line when it has one. */
function parenthesizedQuery(query: Query): string {
  const text = printQuery(query)
  return text.includes('\n') ? `(\n${indented(text)}\n)` : `(${text})`
}

export function printQuery(query: Query): string {
  switch (query.kind) {
    case 'select':
      return printSelect(query)
    case 'setOperation':
      return printSetOperation(query)
    case 'values':
      return `VALUES ${commaList(query.rows, printExpression)}`
    case 'explicitTable':
      return `TABLE ${printIdentifier(query.name)}`
    case 'with':
      return printWith(query)
    case 'ordered':
      return printOrdered(query)
    default:
      return unreachable(query)
  }
}

function printWith(query: With): string {
  const items = query.items.map(({ name, columns, query: inner }) => {
    const list = columns === undefined ? '' : ` (${commaList(columns, printName)})`
    return `${printName(name)}${list} AS ${parenthesizedQuery(inner)}`
  })
  return `WITH ${query.recursive ? 'RECURSIVE ' : ''}${items.join(',\n')}\n${operand(query.body, query.body.kind === 'ordered' || query.body.kind === 'with')}`
}

function operand(query: Query, parenthesize: boolean): string {
  return parenthesize ? parenthesizedQuery(query) : printQuery(query)
}

function printOrdered(query: OrderedQuery): string {
  const lines = [operand(query.query, query.query.kind === 'ordered')]
  if (query.items.length > 0) lines.push(expressions.orderBy(query.items))
  if (query.fetch !== undefined && query.offset === undefined) lines.push(`LIMIT ${printExpression(query.fetch)}`)
  else if (query.offset !== undefined) {
    if (query.fetch !== undefined) lines.push(`LIMIT ${printExpression(query.fetch)}`)
    lines.push(`OFFSET ${printExpression(query.offset)}`)
  }
  return lines.join('\n')
}

const setPrecedence = { UNION: 1, EXCEPT: 1, INTERSECT: 2 } as const

/** A long chain of UNION ALL leans to the left: its spine is walked, not descended. */
function printSetOperation(query: SetOperation): string {
  const lines: string[] = []
  let node: Query = query
  let minimum = 0
  while (node.kind === 'setOperation' && setPrecedence[node.operator] >= minimum) {
    const own = setPrecedence[node.operator]
    const right = operand(node.right, needsParentheses(node.right, own + 1))
    lines.push(right, `${node.operator}${node.all ? ' ALL' : ''}`)
    minimum = own
    node = node.left
  }
  lines.push(operand(node, needsParentheses(node, minimum)))
  return lines.reverse().join('\n')
}

function needsParentheses(query: Query, minimum: number): boolean {
  if (query.kind === 'setOperation') return setPrecedence[query.operator] < minimum
  return query.kind === 'ordered' || query.kind === 'with'
}

// ------------------------------------------------------------------------------------------------------------------ select

function printSelect(select: Select): string {
  const head = words(
    'SELECT',
    select.hints.length > 0 && printHints(select.hints),
    select.stream && 'STREAM',
    select.quantifier,
    commaList(select.items, printSelectItem),
  )
  const lines = [head]
  if (select.from !== undefined) lines.push(`FROM ${printTableReference(select.from)}`)
  if (select.sugarWindow !== undefined) lines.push(printSugarWindow(select.sugarWindow))
  if (select.where !== undefined) lines.push(`WHERE ${printExpression(select.where)}`)
  if (select.groupBy !== undefined) {
    lines.push(words('GROUP BY', select.groupBy.quantifier, commaList(select.groupBy.items, printGroupingElement)))
  }
  if (select.having !== undefined) lines.push(`HAVING ${printExpression(select.having)}`)
  if (select.windows.length > 0) {
    const windows = select.windows.map(
      ({ name, specification }) => `${printName(name)} AS ${expressions.windowSpecification(specification)}`,
    )
    lines.push(`WINDOW ${windows.join(', ')}`)
  }
  if (select.qualify !== undefined) lines.push(`QUALIFY ${printExpression(select.qualify)}`)
  if (select.sugarEmit !== undefined) lines.push('EMIT CHANGES')
  return lines.join('\n')
}

function printSelectItem(item: SelectItem): string {
  const text = printExpression(item.expression)
  return item.alias === undefined ? text : `${text} AS ${printName(item.alias)}`
}

function printGroupingElement(element: GroupingElement): string {
  switch (element.kind) {
    case 'rollup':
    case 'cube':
      return `${element.kind.toUpperCase()}(${commaList(element.items, printGroupingElement)})`
    case 'groupingSets':
      return `GROUPING SETS (${commaList(element.items, printGroupingElement)})`
    case 'emptyGrouping':
      return '()'
    default:
      return printExpression(element)
  }
}

export function printHints(hints: readonly Hint[]): string {
  return `/*+ ${commaList(hints, printHint)} */`
}

function printHint(hint: Hint): string {
  const name = printName(hint.name)
  return hint.options.length === 0 ? name : `${name}(${commaList(hint.options, printHintOption)})`
}

function printHintOption({ key, value }: HintOption): string {
  const text = value.type === 'string' ? printText(value.text) : value.type === 'name' ? quoted(value.text) : value.text
  if (key === undefined) return text
  return `${key.quoted ? printText(key.text) : quoted(key.text)} = ${text}`
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function printSugarWindow(window: SugarWindow): string {
  const parts = [
    `${window.type === 'SESSION' ? '' : 'SIZE '}${printDuration(window.size)}`,
    window.advance && `ADVANCE BY ${printDuration(window.advance)}`,
    window.retention && `RETENTION ${printDuration(window.retention)}`,
    window.grace && `GRACE PERIOD ${printDuration(window.grace)}`,
  ]
  return `WINDOW ${window.type} (${parts.filter((part) => part !== undefined).join(', ')})`
}

function printDuration({ amount, unit }: SugarDuration): string {
  return `${amount} ${unit}S`
}

// -------------------------------------------------------------------------------------------------------- table references

function printTableReference(table: TableReference): string {
  switch (table.kind) {
    case 'table':
      return printTable(table)
    case 'derivedTable':
      return `${table.lateral ? 'LATERAL ' : ''}${parenthesizedQuery(table.query)}`
    case 'tableFunction': {
      const call = printExpression(table.call)
      return `${table.lateral ? 'LATERAL ' : ''}${table.wrapped ? `TABLE(${call})` : call}`
    }
    case 'unnest':
      return `${table.lateral ? 'LATERAL ' : ''}UNNEST(${commaList(table.items, printExpression)})${table.withOrdinality ? ' WITH ORDINALITY' : ''}`
    case 'aliasedTable': {
      const columns = table.columns === undefined ? '' : ` (${commaList(table.columns, printName)})`
      return `${printTableReference(table.table)} AS ${printName(table.alias)}${columns}`
    }
    case 'join':
      return printJoin(table)
    case 'snapshot':
      return `${printTableReference(table.table)} FOR SYSTEM_TIME AS OF ${printExpression(table.period)}`
    case 'matchRecognize':
      return printMatchRecognize(table)
    case 'tableSample':
      return printSample(table)
    case 'pivot':
    case 'unpivot':
      return `${printTableReference(table.table)} ${table.text}`
    default:
      return unreachable(table)
  }
}

function printTable(table: Table): string {
  return words(
    printIdentifier(table.name),
    table.hints.length > 0 && printHints(table.hints),
    table.extend &&
      `EXTEND (${commaList(table.extend, ({ name, type }) => `${printName(name)} ${printDataType(type)}`)})`,
  )
}

/** Joins lean to the left too. A join on the right stands in parentheses. */
function printJoin(join: Join): string {
  const parts: string[] = []
  let node: TableReference = join
  while (node.kind === 'join') {
    const right = node.right.kind === 'join' ? `(${printJoin(node.right)})` : printTableReference(node.right)
    parts.push(joinPart(node, right))
    node = node.left
  }
  return printTableReference(node) + parts.reverse().join('')
}

function joinPart(join: Join, right: string): string {
  if (join.type === 'COMMA') return `,\n  ${right}`
  const { condition } = join
  return words(
    `\n${words(join.natural && 'NATURAL', join.type === 'INNER' ? 'INNER' : join.type, 'JOIN')}`,
    right,
    condition?.kind === 'on' && `ON ${printExpression(condition.expression)}`,
    condition?.kind === 'using' && `USING (${commaList(condition.columns, printName)})`,
  )
}

function printSample(sample: TableSample): string {
  const argument = sample.method === 'SUBSTITUTE' ? printText(sample.argument) : sample.argument
  return words(
    printTableReference(sample.table),
    `TABLESAMPLE ${sample.method}(${argument})`,
    sample.repeatable !== undefined && `REPEATABLE(${sample.repeatable})`,
  )
}

// --------------------------------------------------------------------------------------------------------- match recognize

function printMatchRecognize(match: MatchRecognize): string {
  const lines = [
    match.partitionBy.length > 0 && `PARTITION BY ${commaList(match.partitionBy, printExpression)}`,
    match.orderBy.length > 0 && expressions.orderBy(match.orderBy),
    match.measures.length > 0 && `MEASURES ${commaList(match.measures, printSelectItem)}`,
    match.rowsPerMatch && `${match.rowsPerMatch} PER MATCH`,
    match.afterMatch &&
      words(
        'AFTER MATCH SKIP',
        match.afterMatch.skip,
        'variable' in match.afterMatch && printName(match.afterMatch.variable),
      ),
    `PATTERN (${words(match.strictStart && '^', printPattern(match.pattern), match.strictEnd && '$')})`,
    match.within && `WITHIN ${printExpression(match.within)}`,
    match.subsets.length > 0 &&
      `SUBSET ${match.subsets.map(({ name, variables }) => `${printName(name)} = (${commaList(variables, printExpression)})`).join(', ')}`,
    `DEFINE ${match.define.map(({ name, condition }) => `${printName(name)} AS ${printExpression(condition)}`).join(',\n  ')}`,
  ]
  const body = lines.filter((line) => typeof line === 'string').join('\n')
  return `${printTableReference(match.table)} MATCH_RECOGNIZE (\n${indented(body)}\n)`
}

function printPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'patternVariable':
      return printName(pattern.name)
    case 'patternSequence':
      return pattern.items
        .map((item) => (item.kind === 'patternAlternation' ? `(${printPattern(item)})` : printPattern(item)))
        .join(' ')
    case 'patternAlternation':
      return pattern.items.map(printPattern).join(' | ')
    case 'patternPermute':
      return `PERMUTE(${commaList(pattern.items, printPattern)})`
    case 'patternExclude':
      return `{- ${printPattern(pattern.item)} -}`
    case 'patternQuantified': {
      const simple = pattern.item.kind === 'patternVariable'
      return `${simple ? printPattern(pattern.item) : `(${printPattern(pattern.item)})`}${pattern.text}`
    }
    default:
      return unreachable(pattern)
  }
}
