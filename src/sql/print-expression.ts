// Canonical Flink SQL of expressions and types, on one line, every name in backquotes: what is printed re-parses to the same
// tree. Queries and statements are in print-query.ts and print-statement.ts; the user's comments are format.ts's.
import { unreachable } from '../diagnostics/assert.ts'
import type {
  Argument,
  Call,
  CaseExpression,
  DataType,
  DataTypeField,
  Expression,
  ExpressionList,
  FrameBound,
  Identifier,
  IntervalQualifier,
  JsonConstructor,
  JsonOnError,
  JsonPathCall,
  Name,
  OrderItem,
  Query,
  Subquery,
  WindowSpecification,
} from './ast.ts'
import { binaryPrecedence, precedence, prefixPrecedence } from './operators.ts'

/** Queries inside expressions are printed by whoever prints queries; the parentheses are part of it. */
export type PrintQuery = (query: Query) => string

export function printName(name: Name): string {
  return `\`${name.name.replaceAll('`', '``')}\``
}

export function printIdentifier(identifier: Identifier): string {
  return identifier.parts.map(printName).join('.')
}

export function printText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

export function commaList<T>(items: readonly T[], print: (item: T) => string): string {
  return items.map(print).join(', ')
}

/** The words that are there, with spaces between them. */
export function words(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== '').join(' ')
}

export class ExpressionPrinter {
  readonly #printQuery: PrintQuery

  constructor(printQuery: PrintQuery) {
    this.#printQuery = printQuery
  }

  print(expression: Expression): string {
    return this.at(expression, 0)
  }

  list(items: readonly Argument[]): string {
    return commaList(items, (item) => this.argument(item))
  }

  /** In parentheses where the operator binds less strongly than its place asks for. */
  at(expression: Expression, minimum: number): string {
    const own = precedenceOf(expression)
    const text = this.#bare(expression)
    return own < minimum ? `(${text})` : text
  }

  #bare(expression: Expression): string {
    switch (expression.kind) {
      case 'identifier':
        return printIdentifier(expression)
      case 'star':
        return expression.qualifier === undefined ? '*' : `${printIdentifier(expression.qualifier)}.*`
      case 'symbol':
        return expression.name
      case 'numeric':
        return expression.text
      case 'string':
        return printString(expression)
      case 'bytes':
        return `X'${expression.hex}'`
      case 'boolean':
        return expression.value === undefined ? 'UNKNOWN' : expression.value ? 'TRUE' : 'FALSE'
      case 'null':
        return 'NULL'
      case 'datetime':
        return `${datetimeWords[expression.type]} ${printText(expression.value)}`
      case 'interval':
        return `INTERVAL ${expression.negative ? '-' : ''}${printText(expression.value)} ${printQualifier(expression.qualifier)}`
      case 'intervalExpression':
        return `INTERVAL ${expression.negative ? '-' : ''}(${this.print(expression.operand)}) ${printQualifier(expression.qualifier)}`
      case 'binary':
        return this.#binary(expression)
      case 'unary':
        return this.#unary(expression)
      case 'postfix':
        return `${this.at(expression.operand, precedence.is)} ${expression.operator}`
      case 'between':
        return this.#between(expression)
      case 'like': {
        const escaping = expression.escape === undefined ? '' : ` ESCAPE ${this.at(expression.escape, OPERAND)}`
        const not = expression.negated ? 'NOT ' : ''
        return `${this.at(expression.operand, precedence.in)} ${not}${expression.operator} ${this.at(expression.pattern, precedence.in + 1)}${escaping}`
      }
      case 'in':
        return `${this.at(expression.operand, precedence.in)} ${expression.negated ? 'NOT ' : ''}IN ${this.#listOrQuery(expression.right)}`
      case 'quantified':
        return `${this.at(expression.operand, precedence.comparison)} ${expression.operator} ${expression.quantifier} ${this.#listOrQuery(expression.right)}`
      case 'subquery':
        return this.#printQuery(expression.query)
      case 'exists':
        return `${expression.operator} ${this.at(expression.operand, precedence.exists)}`
      case 'case':
        return this.#case(expression)
      case 'cast':
        return `${expression.form}(${this.print(expression.operand)} AS ${printDataType(expression.type)})`
      case 'dateDifference':
        return `(${this.at(expression.left, precedence.add)} - ${this.at(expression.right, precedence.add + 1)}) ${printQualifier(expression.qualifier)}`
      case 'row':
        return `${expression.explicit ? 'ROW' : ''}(${this.list(expression.items)})`
      case 'collection':
        return `${expression.type}[${this.list(expression.items)}]`
      case 'collectionQuery':
        return `${expression.type}${expression.type === 'CURSOR' ? ' ' : ''}${this.#printQuery(expression.query)}`
      case 'element': {
        const mode = expression.mode === undefined ? '' : `${expression.mode} `
        return `${this.at(expression.operand, precedence.access)}[${mode}${this.print(expression.index)}]`
      }
      case 'field':
        return `${this.#receiver(expression.operand)}.${printName(expression.field)}`
      case 'call':
        return this.#call(expression)
      case 'jsonPath':
        return this.#jsonPath(expression)
      case 'jsonConstructor':
        return this.#jsonConstructor(expression)
      case 'modelArgument':
        return `MODEL ${printIdentifier(expression.model)}`
      case 'descriptor':
        return `DESCRIPTOR(${commaList(expression.columns, printName)})`
      case 'runningOrFinal':
        return `${expression.mode} ${this.at(expression.operand, OPERAND)}`
      case 'period':
        return `PERIOD (${this.print(expression.start)}, ${this.print(expression.end)})`
      case 'parameter':
        return '?'
      default:
        return unreachable(expression)
    }
  }

  #listOrQuery(right: ExpressionList | Subquery): string {
    return right.kind === 'list' ? `(${this.list(right.items)})` : this.print(right)
  }

  /** A chain of thousands of ANDs is a tree as deep: the left spine is walked, not descended. */
  #binary(expression: Expression & { kind: 'binary' }): string {
    const parts: string[] = []
    let node: Expression = expression
    let minimum = 0
    while (node.kind === 'binary' && binaryPrecedence(node.operator) >= minimum) {
      const own = binaryPrecedence(node.operator)
      parts.push(` ${node.operator} ${this.at(node.right, own + 1)}`)
      minimum = own
      node = node.left
    }
    return this.at(node, minimum) + parts.reverse().join('')
  }

  #unary(expression: Expression & { kind: 'unary' }): string {
    const { operator, operand } = expression
    if (operator === 'NEXT VALUE FOR' || operator === 'CURRENT VALUE FOR') return `${operator} ${this.print(operand)}`
    const text = this.at(operand, prefixPrecedence(operator))
    if (operator === 'NOT') return `NOT ${text}`
    // Two minus signs would begin a comment.
    return text.startsWith('-') || text.startsWith('+') ? `${operator} ${text}` : `${operator}${text}`
  }

  #between(expression: Expression & { kind: 'between' }): string {
    const { negated, symmetric, operand, low, high } = expression
    const operator = `${negated ? 'NOT ' : ''}BETWEEN ${symmetric ? 'SYMMETRIC ' : ''}`
    return `${this.at(operand, precedence.in)} ${operator}${this.at(low, precedence.and + 1)} AND ${this.at(high, precedence.in + 1)}`
  }

  #case(expression: CaseExpression): string {
    const operand = expression.operand === undefined ? '' : ` ${this.print(expression.operand)}`
    const branches = expression.branches.map(
      ({ conditions, result }) => ` WHEN ${this.list(conditions)} THEN ${this.print(result)}`,
    )
    const otherwise = expression.otherwise === undefined ? '' : ` ELSE ${this.print(expression.otherwise)}`
    return `CASE${operand}${branches.join('')}${otherwise} END`
  }

  /** A name with a dot behind would be read as one identifier. */
  #receiver(operand: Expression): string {
    return operand.kind === 'identifier' ? `(${printIdentifier(operand)})` : this.at(operand, precedence.access)
  }

  argument(argument: Argument): string {
    switch (argument.kind) {
      case 'default':
        return 'DEFAULT'
      case 'namedArgument':
        return `${printName(argument.name)} => ${this.argument(argument.value)}`
      case 'tableArgument': {
        const table =
          argument.table.kind === 'identifier'
            ? `TABLE ${printIdentifier(argument.table)}`
            : this.#printQuery(argument.table)
        const partition =
          argument.partitionBy === undefined
            ? ''
            : ` PARTITION BY ${parenthesized(argument.partitionBy, (item) => this.print(item))}`
        const order =
          argument.orderBy === undefined
            ? ''
            : ` ORDER BY ${parenthesized(argument.orderBy, (item) => this.orderItem(item))}`
        return `${table}${partition}${order}`
      }
      default:
        return this.print(argument)
    }
  }

  // ---------------------------------------------------------------------------------------------------------------- calls

  #call(call: Call): string {
    const text = this.#callWithoutClauses(call)
    const clauses = words(
      text,
      call.nullTreatment?.treatment,
      call.withinDistinct && `WITHIN DISTINCT (${this.list(call.withinDistinct.items)})`,
      call.withinGroup && `WITHIN GROUP (${this.orderBy(call.withinGroup.items)})`,
      call.filter && `FILTER (WHERE ${this.print(call.filter.condition)})`,
      call.over && `OVER ${this.#windowOrName(call.over.window)}`,
    )
    return clauses
  }

  #windowOrName(window: Name | WindowSpecification): string {
    return window.kind === 'name' ? printName(window) : this.windowSpecification(window)
  }

  #callWithoutClauses(call: Call): string {
    const name = printFunctionName(call)
    if (!call.parentheses) return name
    const inside =
      specialArguments[name.toUpperCase()]?.(call, (argument) => this.argument(argument)) ?? this.#plainArguments(call)
    const text = `${name}(${inside})`
    if (call.jdbc) return `{fn ${text}}`
    if (call.receiver !== undefined) return `${this.#receiver(call.receiver)}.${text}`
    return `${call.isNew ? 'NEW ' : ''}${call.specific ? 'SPECIFIC ' : ''}${text}`
  }

  #plainArguments(call: Call): string {
    return words(
      call.quantifier,
      this.list(call.args),
      call.orderBy && this.orderBy(call.orderBy),
      call.separator && `SEPARATOR ${this.print(call.separator)}`,
    )
  }

  orderBy(items: readonly OrderItem[]): string {
    return `ORDER BY ${commaList(items, (item) => this.orderItem(item))}`
  }

  orderItem(item: OrderItem): string {
    return words(this.print(item.expression), item.direction, item.nulls && `NULLS ${item.nulls}`)
  }

  windowSpecification(window: WindowSpecification): string {
    const { frame } = window
    const inside = words(
      window.reference && printName(window.reference),
      window.partitionBy.length > 0 && `PARTITION BY ${this.list(window.partitionBy)}`,
      window.orderBy.length > 0 && this.orderBy(window.orderBy),
      frame &&
        (frame.to === undefined
          ? `${frame.unit} ${this.#bound(frame.from)}`
          : `${frame.unit} BETWEEN ${this.#bound(frame.from)} AND ${this.#bound(frame.to)}`),
      window.allowPartial !== undefined && (window.allowPartial ? 'ALLOW PARTIAL' : 'DISALLOW PARTIAL'),
    )
    return `(${inside})`
  }

  #bound(bound: FrameBound): string {
    return words(bound.offset && this.print(bound.offset), bound.bound)
  }

  // ----------------------------------------------------------------------------------------------------------------- JSON

  #jsonPath(call: JsonPathCall): string {
    const passing = call.passing?.map(({ value, name }) => `${this.print(value)} AS ${printName(name)}`).join(', ')
    const { onError } = call
    const inside = words(
      `${this.print(call.input)}, ${this.print(call.path)}`,
      passing && `PASSING ${passing}`,
      call.returning && `RETURNING ${printDataType(call.returning)}`,
      call.wrapper && `${call.wrapper} ARRAY WRAPPER`,
      call.onEmpty && `${this.#jsonBehavior(call.onEmpty)} ON EMPTY`,
      onError && `${this.#jsonBehavior(onError)} ON ERROR`,
    )
    return `${call.function}(${inside})`
  }

  #jsonBehavior(behavior: JsonOnError | 'TRUE' | 'FALSE' | 'UNKNOWN'): string {
    return typeof behavior === 'string' ? behavior : `DEFAULT ${this.print(behavior.default)}`
  }

  #jsonConstructor(call: JsonConstructor): string {
    const entries = call.entries.map(({ key, value }) =>
      key === undefined ? this.print(value) : `KEY ${this.print(key)} VALUE ${this.print(value)}`,
    )
    const inside = words(
      entries.join(', '),
      call.orderBy && this.orderBy(call.orderBy),
      call.onNull && `${call.onNull} ON NULL`,
    )
    return words(
      `${call.function}(${inside})`,
      call.withinGroup && `WITHIN GROUP (${this.orderBy(call.withinGroup.items)})`,
    )
  }
}

/** Atoms bind most strongly of all. */
const OPERAND = 200

function precedenceOf(expression: Expression): number {
  switch (expression.kind) {
    case 'binary':
      return binaryPrecedence(expression.operator)
    case 'unary':
      return expression.operator.endsWith('FOR') ? OPERAND : prefixPrecedence(expression.operator)
    case 'exists':
      return precedence.exists
    case 'postfix':
      return precedence.is
    case 'between':
    case 'like':
    case 'in':
      return precedence.in
    case 'quantified':
      return precedence.comparison
    case 'element':
    case 'field':
      return precedence.access
    default:
      return OPERAND
  }
}

function parenthesized<T>(items: readonly T[], print: (item: T) => string): string {
  return items.length === 1 ? print(items[0]!) : `(${commaList(items, print)})`
}

const datetimeWords = {
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTAMP: 'TIMESTAMP',
  DATETIME: 'DATETIME',
  TIMESTAMP_LTZ: 'TIMESTAMP WITH LOCAL TIME ZONE',
  TIMESTAMP_TZ: 'TIMESTAMP WITH TIME ZONE',
} as const

function printString(literal: Expression & { kind: 'string' }): string {
  const { value, charset } = literal
  if (charset === undefined) return printText(value)
  if (charset === 'UTF16') return `U&${printText(escapeUnicode(value))}`
  return charset === 'ISO-8859-1' ? `N${printText(value)}` : `_${charset}${printText(value)}`
}

function escapeUnicode(value: string): string {
  let text = ''
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (value[at] === '\\') text += '\\\\'
    else if (code > 126 || code < 32) text += `\\${code.toString(16).padStart(4, '0')}`
    else text += value[at]
  }
  return text
}

/** A name that is a word of the grammar must stay bare: in backquotes it would be another function. */
function printFunctionName(call: Call): string {
  const { parts } = call.name
  const only = parts.length === 1 ? parts[0]! : undefined
  return only === undefined || only.quoted ? printIdentifier(call.name) : only.name
}

type PrintArguments = (call: Call, print: (argument: Argument) => string) => string | undefined

/** Forms that plain commas do not say; undefined leaves a call to commas. */
const specialArguments: Readonly<Record<string, PrintArguments>> = {
  EXTRACT: ({ args }, print) => `${print(args[0]!)} FROM ${print(args[1]!)}`,
  POSITION: ({ args }, print) =>
    `${print(args[0]!)} IN ${print(args[1]!)}${args[2] === undefined ? '' : ` FROM ${print(args[2])}`}`,
  OVERLAY: ({ args }, print) =>
    `${print(args[0]!)} PLACING ${print(args[1]!)} FROM ${print(args[2]!)}${args[3] === undefined ? '' : ` FOR ${print(args[3])}`}`,
  TRIM: ({ args }, print) => {
    if (args.length === 1) return print(args[0]!)
    const characters = args.length === 2 ? '' : `${print(args[1]!)} `
    return `${print(args[0]!)} ${characters}FROM ${print(args[args.length - 1]!)}`
  },
  FLOOR: roundedTo,
  CEIL: roundedTo,
  CEILING: roundedTo,
  CONVERT: usingSet,
  TRANSLATE: usingSet,
}

function roundedTo({ args }: Call, print: (argument: Argument) => string): string {
  return args[1] === undefined ? print(args[0]!) : `${print(args[0]!)} TO ${print(args[1])}`
}

function usingSet({ args }: Call, print: (argument: Argument) => string): string | undefined {
  const last = args[args.length - 1]!
  return args.length === 2 && last.kind === 'symbol' ? `${print(args[0]!)} USING ${last.name}` : undefined
}

// ------------------------------------------------------------------------------------------------------------------- types

function printQualifier(qualifier: IntervalQualifier): string {
  const { from, to, precision, fraction } = qualifier
  const first =
    precision === undefined ? '' : `(${precision}${from === 'SECOND' && fraction !== undefined ? `, ${fraction}` : ''})`
  if (to === undefined) return `${from}${first}`
  return `${from}${first} TO ${to}${fraction === undefined ? '' : `(${fraction})`}`
}

export function printDataType(type: DataType): string {
  const nullable = type.nullable === undefined ? '' : type.nullable ? ' NULL' : ' NOT NULL'
  return `${printTypeName(type)}${nullable}`
}

function printTypeName(type: DataType): string {
  switch (type.type) {
    case 'ARRAY':
    case 'MULTISET':
      return `${type.type}<${printDataType(type.element)}>`
    case 'MAP':
      return `MAP<${printDataType(type.key)}, ${printDataType(type.value)}>`
    case 'ROW':
      return `ROW<${commaList(type.fields, printField)}>`
    case 'STRUCTURED':
      return `STRUCTURED<${[printText(type.className), ...type.fields.map(printField)].join(', ')}>`
    case 'RAW':
      return `RAW(${printText(type.className)}, ${printText(type.serializer)})`
    case 'INTERVAL':
      return `INTERVAL ${printQualifier(type.qualifier)}`
    case 'USER':
      return printIdentifier(type.name)
    default:
      return printSizedType(type.type, type.precision, type.scale)
  }
}

function printSizedType(name: string, precision: number | undefined, scale: number | undefined): string {
  if (precision === undefined) return name
  const size = scale === undefined ? `(${precision})` : `(${precision}, ${scale})`
  return name === 'TIME WITH LOCAL TIME ZONE' ? `TIME${size} WITH LOCAL TIME ZONE` : `${name}${size}`
}

function printField(field: DataTypeField): string {
  return words(
    printName(field.name),
    printDataType(field.type),
    field.comment !== undefined && printText(field.comment),
  )
}
