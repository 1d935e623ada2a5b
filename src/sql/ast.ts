// The syntax tree of a query and its expressions: plain readonly data. Statements other than queries are in ast-statements.ts.
// Nothing here is resolved; names are as written (quotes removed), and canonical Flink SQL is what print.ts makes of it.
import type { Span } from '../diagnostics/diagnostic.ts'

/**
 * `span` is the extent of the node's own text: first character of its first token to the last of its last, parentheses around
 * it not counted. Where Flink's validator points somewhere else (at `OVER (...)` of a windowed call, say), see flink-position.ts.
 */
type Spanned = { readonly span: Span }

/** A simple name: a column, an alias, one part of an identifier. */
export type Name = Spanned & { readonly kind: 'name'; readonly name: string; readonly quoted: boolean }

/** `a`, `t.a`, `catalog.database.t`. Never empty. */
export type Identifier = Spanned & { readonly kind: 'identifier'; readonly parts: readonly Name[] }

/** `*`, or `t.*` with its qualifier. A bare star stands only in select lists and in f(*); `t.*` parses everywhere. */
export type Star = Spanned & { readonly kind: 'star'; readonly qualifier?: Identifier }

/** A word that a syntactic form takes in place of a value: YEAR in EXTRACT(YEAR FROM x), LEADING in TRIM. Upper case. */
export type SyntaxWord = Spanned & { readonly kind: 'symbol'; readonly name: string }

// ---------------------------------------------------------------------------------------------------------------- literals

/** `exact`: 12, 1.50 (text kept, sign never included). Otherwise a DOUBLE such as 1e3. DECIMAL '1.5' is exact too. */
export type NumericLiteral = Spanned & { readonly kind: 'numeric'; readonly text: string; readonly exact: boolean }

/** `value` is unescaped and joined with its continuation lines. `charset`: _UTF16'..', `national`: N'..', `unicode`: U&'..'. */
export type StringLiteral = Spanned & {
  readonly kind: 'string'
  readonly value: string
  readonly charset?: string
}

/** X'1F': an even number of hexadecimal digits. */
export type BinaryLiteral = Spanned & { readonly kind: 'bytes'; readonly hex: string }

/** `undefined` is UNKNOWN. */
export type BooleanLiteral = Spanned & { readonly kind: 'boolean'; readonly value: boolean | undefined }

export type NullLiteral = Spanned & { readonly kind: 'null' }

/** DATE '2024-01-01'; the text is checked when it is parsed. */
export type DatetimeLiteral = Spanned & {
  readonly kind: 'datetime'
  readonly type: 'DATE' | 'TIME' | 'TIMESTAMP' | 'DATETIME' | 'TIMESTAMP_LTZ' | 'TIMESTAMP_TZ'
  readonly value: string
}

export type TimeUnit = 'YEAR' | 'QUARTER' | 'MONTH' | 'WEEK' | 'DAY' | 'HOUR' | 'MINUTE' | 'SECOND'

/** `DAY(3) TO SECOND(6)`: singular units whatever was written; `precision` is that of the leading unit, `fraction` that of seconds. */
export type IntervalQualifier = Spanned & {
  readonly kind: 'intervalQualifier'
  readonly from: TimeUnit
  readonly to?: TimeUnit
  readonly precision?: number
  readonly fraction?: number
}

/** INTERVAL '10' SECOND, INTERVAL -'1-6' YEAR TO MONTH. */
export type IntervalLiteral = Spanned & {
  readonly kind: 'interval'
  readonly negative: boolean
  readonly value: string
  readonly qualifier: IntervalQualifier
}

/** INTERVAL 5 MINUTE, INTERVAL (x + 1) DAY: legal in expressions, not as a window size. */
export type IntervalExpression = Spanned & {
  readonly kind: 'intervalExpression'
  readonly negative: boolean
  readonly operand: Expression
  readonly qualifier: IntervalQualifier
}

export type Literal =
  | NumericLiteral
  | StringLiteral
  | BinaryLiteral
  | BooleanLiteral
  | NullLiteral
  | DatetimeLiteral
  | IntervalLiteral

// -------------------------------------------------------------------------------------------------------------- operators

export type BinaryOperator =
  | 'OR'
  | 'AND'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'IS DISTINCT FROM'
  | 'IS NOT DISTINCT FROM'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '||'
  | 'MEMBER OF'
  | 'NOT MEMBER OF'
  | 'SUBMULTISET OF'
  | 'NOT SUBMULTISET OF'
  | 'MULTISET UNION'
  | 'MULTISET UNION ALL'
  | 'MULTISET INTERSECT'
  | 'MULTISET INTERSECT ALL'
  | 'MULTISET EXCEPT'
  | 'MULTISET EXCEPT ALL'
  | 'OVERLAPS'
  | 'CONTAINS'
  | 'EQUALS'
  | 'PRECEDES'
  | 'IMMEDIATELY PRECEDES'
  | 'SUCCEEDS'
  | 'IMMEDIATELY SUCCEEDS'

/** From the left operand's first character to the right operand's last. */
export type BinaryExpression = Spanned & {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly operatorSpan: Span
  readonly left: Expression
  readonly right: Expression
}

export type UnaryOperator = 'NOT' | '-' | '+' | 'PRIOR' | 'NEXT VALUE FOR' | 'CURRENT VALUE FOR'

export type UnaryExpression = Spanned & {
  readonly kind: 'unary'
  readonly operator: UnaryOperator
  readonly operatorSpan: Span
  readonly operand: Expression
}

export type PostfixOperator =
  | 'IS NULL'
  | 'IS NOT NULL'
  | 'IS TRUE'
  | 'IS NOT TRUE'
  | 'IS FALSE'
  | 'IS NOT FALSE'
  | 'IS UNKNOWN'
  | 'IS NOT UNKNOWN'
  | 'IS A SET'
  | 'IS NOT A SET'
  | 'IS EMPTY'
  | 'IS NOT EMPTY'
  | 'IS JSON'
  | 'IS NOT JSON'
  | 'IS JSON VALUE'
  | 'IS NOT JSON VALUE'
  | 'IS JSON OBJECT'
  | 'IS NOT JSON OBJECT'
  | 'IS JSON ARRAY'
  | 'IS NOT JSON ARRAY'
  | 'IS JSON SCALAR'
  | 'IS NOT JSON SCALAR'
  | 'FORMAT JSON'

export type PostfixExpression = Spanned & {
  readonly kind: 'postfix'
  readonly operator: PostfixOperator
  readonly operatorSpan: Span
  readonly operand: Expression
}

export type BetweenExpression = Spanned & {
  readonly kind: 'between'
  readonly negated: boolean
  readonly symmetric: boolean
  readonly operatorSpan: Span
  readonly operand: Expression
  readonly low: Expression
  readonly high: Expression
}

export type LikeExpression = Spanned & {
  readonly kind: 'like'
  readonly operator: 'LIKE' | 'ILIKE' | 'RLIKE' | 'SIMILAR TO'
  readonly negated: boolean
  readonly operatorSpan: Span
  readonly operand: Expression
  readonly pattern: Expression
  readonly escape?: Expression
}

/** `x IN (1, 2)` or `x IN (SELECT ...)`: `right` is a list or a query. */
export type InExpression = Spanned & {
  readonly kind: 'in'
  readonly negated: boolean
  readonly operatorSpan: Span
  readonly operand: Expression
  readonly right: ExpressionList | Subquery
}

/** `x > ALL (SELECT ...)`. */
export type QuantifiedComparison = Spanned & {
  readonly kind: 'quantified'
  readonly operator: '=' | '<>' | '<' | '<=' | '>' | '>='
  readonly quantifier: 'SOME' | 'ANY' | 'ALL'
  readonly operatorSpan: Span
  readonly operand: Expression
  readonly right: ExpressionList | Subquery
}

/** Parenthesised list on the right of IN and of quantified comparisons; the span includes the parentheses. */
export type ExpressionList = Spanned & { readonly kind: 'list'; readonly items: readonly Expression[] }

/** A query as an expression; the span includes the parentheses. */
export type Subquery = Spanned & { readonly kind: 'subquery'; readonly query: Query }

export type ExistsExpression = Spanned & {
  readonly kind: 'exists'
  /** UNIQUE (query) parses and is refused later. */
  readonly operator: 'EXISTS' | 'UNIQUE'
  readonly operatorSpan: Span
  /** A subquery; anything else parses too and is refused later. */
  readonly operand: Expression
}

/** `operand` only in CASE x WHEN ...; a WHEN of that form may have several conditions. */
export type CaseExpression = Spanned & {
  readonly kind: 'case'
  readonly operand?: Expression
  readonly branches: readonly CaseBranch[]
  readonly otherwise?: Expression
}
export type CaseBranch = Spanned & {
  readonly kind: 'caseBranch'
  readonly conditions: readonly Expression[]
  readonly result: Expression
}

export type CastExpression = Spanned & {
  readonly kind: 'cast'
  readonly form: 'CAST' | 'TRY_CAST' | 'SAFE_CAST'
  readonly operand: Expression
  readonly type: DataType
}

/** (a - b) DAY. Parses; refused when validated. */
export type DateDifference = Spanned & {
  readonly kind: 'dateDifference'
  readonly left: Expression
  readonly right: Expression
  readonly qualifier: IntervalQualifier
}

/** ROW(a, b), and (a, b) with `explicit` false. */
export type RowExpression = Spanned & {
  readonly kind: 'row'
  readonly explicit: boolean
  /** DEFAULT stands only in rows of VALUES. */
  readonly items: readonly (Expression | DefaultArgument)[]
}

/** ARRAY[1, 2], MAP['k', v], MULTISET[1]: alternating keys and values for MAP. */
export type CollectionExpression = Spanned & {
  readonly kind: 'collection'
  readonly type: 'ARRAY' | 'MAP' | 'MULTISET'
  readonly items: readonly Expression[]
}

/** ARRAY(SELECT ...), MAP(SELECT ...), MULTISET(SELECT ...), CURSOR(SELECT ...). */
export type CollectionQuery = Spanned & {
  readonly kind: 'collectionQuery'
  readonly type: 'ARRAY' | 'MAP' | 'MULTISET' | 'CURSOR'
  readonly query: Query
}

/** `a[1]`, `m['k']`; `mode` for a[OFFSET(0)] and its like. */
export type ElementAccess = Spanned & {
  readonly kind: 'element'
  readonly operand: Expression
  readonly index: Expression
  readonly mode?: 'OFFSET' | 'ORDINAL' | 'SAFE_OFFSET' | 'SAFE_ORDINAL'
}

/** `f(x).field`, `a[1].field`; a plain `t.a.b` stays an identifier. */
export type FieldAccess = Spanned & { readonly kind: 'field'; readonly operand: Expression; readonly field: Name }

// ------------------------------------------------------------------------------------------------------------------ calls

/**
 * A function call. Forms with words between their arguments have Calcite's argument order and keep the words as symbols:
 * EXTRACT(unit, x), TRIM(BOTH|LEADING|TRAILING, characters, x) in its FROM form, FLOOR/CEIL(x, unit), TIMESTAMPADD/DIFF(unit, a, b),
 * POSITION(a, b[, from]), OVERLAY(a, b, from[, for]), SUBSTRING(a, from[, for]), CONVERT(x, a, b), TRANSLATE(x USING set) as
 * TRANSLATE(x, set). Niladic words (CURRENT_TIMESTAMP) are calls with `parentheses` false.
 * `span` covers the whole text with its clauses; `callSpan` goes from the name to the closing parenthesis.
 */
export type Call = Spanned & {
  readonly kind: 'call'
  readonly callSpan: Span
  readonly name: Identifier
  readonly parentheses: boolean
  readonly quantifier?: 'DISTINCT' | 'ALL'
  readonly args: readonly Argument[]
  /** LISTAGG(x, ',' ORDER BY y) as written inside the parentheses. */
  readonly orderBy?: readonly OrderItem[]
  /** {fn NAME(...)}. */
  readonly jdbc?: boolean
  /** SPECIFIC f(x), NEW f(x), x.f(y): parse; refused later. */
  readonly specific?: boolean
  readonly isNew?: boolean
  readonly receiver?: Expression
  /** GROUP_CONCAT(x SEPARATOR ','). */
  readonly separator?: Literal
  readonly withinDistinct?: Spanned & { readonly items: readonly Expression[] }
  readonly withinGroup?: Spanned & { readonly items: readonly OrderItem[] }
  readonly filter?: Spanned & { readonly condition: Expression }
  readonly nullTreatment?: Spanned & { readonly treatment: 'IGNORE NULLS' | 'RESPECT NULLS' }
  /** From the word OVER on. */
  readonly over?: Spanned & { readonly window: Name | WindowSpecification }
}

export type Argument = Expression | NamedArgument | DefaultArgument | TableArgument

/** SIZE => INTERVAL '1' HOUR. */
export type NamedArgument = Spanned & {
  readonly kind: 'namedArgument'
  readonly name: Name
  readonly operatorSpan: Span
  readonly value: Argument
}

export type DefaultArgument = Spanned & { readonly kind: 'default' }

/** TABLE t [PARTITION BY ..] [ORDER BY ..], (SELECT ..) PARTITION BY .. as the argument of a table function. */
export type TableArgument = Spanned & {
  readonly kind: 'tableArgument'
  /** A query in parentheses, or the table's name after TABLE. */
  readonly table: Identifier | Query
  readonly partitionBy?: readonly Expression[]
  readonly orderBy?: readonly OrderItem[]
}

export type Descriptor = Spanned & { readonly kind: 'descriptor'; readonly columns: readonly Name[] }

export type ModelArgument = Spanned & { readonly kind: 'modelArgument'; readonly model: Identifier }

export type WindowSpecification = Spanned & {
  readonly kind: 'windowSpecification'
  /** The named window it extends. */
  readonly reference?: Name
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly OrderItem[]
  readonly frame?: WindowFrame
  readonly allowPartial?: boolean
}

/** `to` is absent in the short form `ROWS 2 PRECEDING`. */
export type WindowFrame = Spanned & {
  readonly kind: 'windowFrame'
  readonly unit: 'ROWS' | 'RANGE'
  readonly from: FrameBound
  readonly to?: FrameBound
  readonly exclude?: 'CURRENT ROW' | 'NO OTHERS' | 'GROUP' | 'TIES'
}

/** `offset` only for PRECEDING and FOLLOWING. */
export type FrameBound = Spanned & {
  readonly kind: 'frameBound'
  readonly bound: 'UNBOUNDED PRECEDING' | 'PRECEDING' | 'CURRENT ROW' | 'FOLLOWING' | 'UNBOUNDED FOLLOWING'
  readonly offset?: Expression
}

export type JsonOnError = 'NULL' | 'ERROR' | 'EMPTY ARRAY' | 'EMPTY OBJECT' | { readonly default: Expression }

/** JSON_EXISTS, JSON_VALUE and JSON_QUERY with their clauses. */
export type JsonPathCall = Spanned & {
  readonly kind: 'jsonPath'
  readonly function: 'JSON_EXISTS' | 'JSON_VALUE' | 'JSON_QUERY'
  readonly nameSpan: Span
  readonly input: Expression
  readonly path: Expression
  readonly formatJson?: boolean
  /** PASSING value AS name. */
  readonly passing?: readonly { readonly value: Expression; readonly name: Name }[]
  readonly returning?: DataType
  /** JSON_QUERY: WITHOUT [ARRAY] WRAPPER, WITH CONDITIONAL / UNCONDITIONAL [ARRAY] WRAPPER. */
  readonly wrapper?: 'WITHOUT' | 'WITH CONDITIONAL' | 'WITH UNCONDITIONAL'
  readonly onEmpty?: JsonOnError
  readonly onError?: JsonOnError | 'TRUE' | 'FALSE' | 'UNKNOWN'
}

/** JSON_OBJECT(KEY 'a' VALUE 1 NULL ON NULL), JSON_ARRAY(1, 2), JSON_OBJECTAGG, JSON_ARRAYAGG: keys absent for arrays. */
export type JsonConstructor = Spanned & {
  readonly kind: 'jsonConstructor'
  readonly function: 'JSON_OBJECT' | 'JSON_ARRAY' | 'JSON_OBJECTAGG' | 'JSON_ARRAYAGG'
  readonly callSpan: Span
  readonly entries: readonly JsonEntry[]
  readonly onNull?: 'NULL' | 'ABSENT'
  readonly orderBy?: readonly OrderItem[]
  readonly withinGroup?: Spanned & { readonly items: readonly OrderItem[] }
}
export type JsonEntry = Spanned & {
  readonly kind: 'jsonEntry'
  readonly key?: Expression
  readonly value: Expression
  readonly formatJson?: boolean
}

/** MATCH_RECOGNIZE's RUNNING x and FINAL x. */
export type RunningOrFinal = Spanned & {
  readonly kind: 'runningOrFinal'
  readonly mode: 'RUNNING' | 'FINAL'
  readonly operand: Expression
}

/** (p, q) PERIOD (a, b) of OVERLAPS and its like. */
export type PeriodExpression = Spanned & {
  readonly kind: 'period'
  readonly start: Expression
  readonly end: Expression
}

/** `?`. Parses; refused when validated. */
export type DynamicParameter = Spanned & { readonly kind: 'parameter' }

export type Expression =
  | Identifier
  | Star
  | Literal
  | IntervalExpression
  | SyntaxWord
  | BinaryExpression
  | UnaryExpression
  | PostfixExpression
  | BetweenExpression
  | LikeExpression
  | InExpression
  | QuantifiedComparison
  | Subquery
  | ExistsExpression
  | CaseExpression
  | CastExpression
  | DateDifference
  | RowExpression
  | CollectionExpression
  | CollectionQuery
  | ElementAccess
  | FieldAccess
  | Call
  | ModelArgument
  | Descriptor
  | JsonPathCall
  | JsonConstructor
  | RunningOrFinal
  | PeriodExpression
  | DynamicParameter

/** A type as written. `nullable`: true for `INT NULL`, false for `INT NOT NULL`, absent when nothing was said. */
export type DataType = Spanned & { readonly kind: 'dataType'; readonly nullable?: boolean } & (
    | {
        /** Canonical names: INTEGER for INT, VARCHAR for CHARACTER VARYING, DECIMAL for DEC and NUMERIC. */
        readonly type: SimpleTypeName
        readonly precision?: number
        readonly scale?: number
      }
    | { readonly type: 'ARRAY' | 'MULTISET'; readonly element: DataType }
    | { readonly type: 'MAP'; readonly key: DataType; readonly value: DataType }
    | { readonly type: 'ROW'; readonly fields: readonly DataTypeField[] }
    | { readonly type: 'STRUCTURED'; readonly className: string; readonly fields: readonly DataTypeField[] }
    | { readonly type: 'RAW'; readonly className: string; readonly serializer: string }
    | { readonly type: 'INTERVAL'; readonly qualifier: IntervalQualifier }
    | { readonly type: 'USER'; readonly name: Identifier }
  )

export type SimpleTypeName =
  | 'BOOLEAN'
  | 'TINYINT'
  | 'SMALLINT'
  | 'INTEGER'
  | 'BIGINT'
  | 'FLOAT'
  | 'REAL'
  | 'DOUBLE'
  | 'DECIMAL'
  | 'CHAR'
  | 'VARCHAR'
  | 'STRING'
  | 'BINARY'
  | 'VARBINARY'
  | 'BYTES'
  | 'DATE'
  | 'TIME'
  | 'TIME WITH LOCAL TIME ZONE'
  | 'TIMESTAMP'
  | 'TIMESTAMP_LTZ'
  | 'TIMESTAMP WITH TIME ZONE'
  | 'NULL'
  | 'ANY'
  | 'GEOMETRY'
  | 'VARIANT'
  | 'BITMAP'
  | 'CURSOR'

export type DataTypeField = Spanned & {
  readonly kind: 'dataTypeField'
  readonly name: Name
  readonly type: DataType
  readonly comment?: string
}

// ---------------------------------------------------------------------------------------------------------------- queries

export type Query = Select | SetOperation | Values | ExplicitTable | With | OrderedQuery

/** WITH a AS (...) body. */
export type With = Spanned & {
  readonly kind: 'with'
  readonly recursive: boolean
  readonly items: readonly WithItem[]
  readonly body: Query
}
export type WithItem = Spanned & {
  readonly kind: 'withItem'
  readonly name: Name
  readonly columns?: readonly Name[]
  readonly query: Query
}

/** ORDER BY, LIMIT, OFFSET, FETCH around a query. `items` empty without ORDER BY. LIMIT n is `fetch`; LIMIT ALL is no fetch. */
export type OrderedQuery = Spanned & {
  readonly kind: 'ordered'
  readonly query: Query
  readonly items: readonly OrderItem[]
  readonly offset?: Expression
  readonly fetch?: Expression
}

export type OrderItem = Spanned & {
  readonly kind: 'orderItem'
  readonly expression: Expression
  readonly direction?: 'ASC' | 'DESC'
  readonly nulls?: 'FIRST' | 'LAST'
}

export type SetOperation = Spanned & {
  readonly kind: 'setOperation'
  readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT'
  readonly all: boolean
  readonly operatorSpan: Span
  readonly left: Query
  readonly right: Query
}

/** VALUES (1, 'a'), (2, 'b'): each row a RowExpression, or a bare expression where no parentheses were written. */
export type Values = Spanned & { readonly kind: 'values'; readonly rows: readonly Expression[] }

/** TABLE t. */
export type ExplicitTable = Spanned & { readonly kind: 'explicitTable'; readonly name: Identifier }

export type Select = Spanned & {
  readonly kind: 'select'
  readonly hints: readonly Hint[]
  readonly stream: boolean
  readonly quantifier?: 'DISTINCT' | 'ALL'
  readonly items: readonly SelectItem[]
  readonly from?: TableReference
  readonly where?: Expression
  readonly groupBy?: GroupBy
  readonly having?: Expression
  readonly windows: readonly NamedWindow[]
  readonly qualify?: Expression
  /** ksqlDB's clause after FROM; desugar.ts takes it away. */
  readonly sugarWindow?: SugarWindow
  /** ksqlDB's EMIT CHANGES; desugar.ts takes it away. */
  readonly sugarEmit?: Span
}

/** The alias belongs to the item, so that `span` covers it. */
export type SelectItem = Spanned & {
  readonly kind: 'selectItem'
  readonly expression: Expression
  readonly alias?: Name
}

export type GroupBy = Spanned & {
  readonly kind: 'groupBy'
  readonly quantifier?: 'DISTINCT' | 'ALL'
  readonly items: readonly GroupingElement[]
}

/** `()` is a grouping set without items. */
export type GroupingElement =
  | Expression
  | (Spanned & { readonly kind: 'rollup' | 'cube' | 'groupingSets'; readonly items: readonly GroupingElement[] })
  | (Spanned & { readonly kind: 'emptyGrouping' })

export type NamedWindow = Spanned & {
  readonly kind: 'namedWindow'
  readonly name: Name
  readonly specification: WindowSpecification
}

export type Hint = Spanned & {
  readonly kind: 'hint'
  readonly name: Name
  /** Hint options are a list of names, literals, or key = value pairs. */
  readonly options: readonly HintOption[]
}
export type HintOption = Spanned & {
  readonly kind: 'hintOption'
  /** Absent in a plain list. */
  readonly key?: { readonly text: string; readonly quoted: boolean }
  readonly value: { readonly text: string; readonly type: 'string' | 'name' | 'number' }
}

export type SugarWindow = Spanned & {
  readonly kind: 'sugarWindow'
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION'
  /** SIZE of tumbling and hopping windows, the gap of sessions. */
  readonly size: SugarDuration
  readonly advance?: SugarDuration
  readonly grace?: SugarDuration
  readonly retention?: SugarDuration
}
export type SugarDuration = Spanned & {
  readonly kind: 'sugarDuration'
  readonly amount: string
  readonly unit: TimeUnit | 'MILLISECOND'
}

// -------------------------------------------------------------------------------------------------------- table references

export type TableReference =
  | Table
  | DerivedTable
  | TableFunction
  | Unnest
  | AliasedTable
  | Join
  | Snapshot
  | MatchRecognize
  | TableSample
  | Pivot
  | Unpivot

/** A table or view by name, with the hints behind it. */
export type Table = Spanned & {
  readonly kind: 'table'
  readonly name: Identifier
  readonly hints: readonly Hint[]
  /** EXTEND (a INT) or (a INT) behind the name. Parses; refused when validated. */
  readonly extend?: readonly DataTypeField[]
}

/** A query in parentheses; the span includes them. */
export type DerivedTable = Spanned & { readonly kind: 'derivedTable'; readonly lateral: boolean; readonly query: Query }

/** TABLE(f(...)), LATERAL TABLE(f(...)), or f(...) itself. */
export type TableFunction = Spanned & {
  readonly kind: 'tableFunction'
  readonly lateral: boolean
  /** Whether TABLE( ) was written around it. */
  readonly wrapped: boolean
  readonly call: Call
}

export type Unnest = Spanned & {
  readonly kind: 'unnest'
  readonly lateral: boolean
  readonly items: readonly Expression[]
  readonly withOrdinality: boolean
}

export type AliasedTable = Spanned & {
  readonly kind: 'aliasedTable'
  readonly table: TableReference
  readonly alias: Name
  readonly columns?: readonly Name[]
}

/** `COMMA` is `FROM a, b`. Operator span: from the first word of the join's type to JOIN. */
export type Join = Spanned & {
  readonly kind: 'join'
  readonly type:
    | 'COMMA'
    | 'CROSS'
    | 'INNER'
    | 'LEFT'
    | 'RIGHT'
    | 'FULL'
    | 'LEFT SEMI'
    | 'LEFT ANTI'
    | 'ASOF'
    | 'LEFT ASOF'
  readonly natural: boolean
  readonly operatorSpan: Span
  readonly left: TableReference
  readonly right: TableReference
  readonly condition?:
    | (Spanned & { readonly kind: 'on'; readonly expression: Expression; readonly match?: Expression })
    | (Spanned & { readonly kind: 'using'; readonly columns: readonly Name[] })
}

/** t FOR SYSTEM_TIME AS OF period. */
export type Snapshot = Spanned & {
  readonly kind: 'snapshot'
  readonly table: TableReference
  readonly period: Expression
}

export type TableSample = Spanned & {
  readonly kind: 'tableSample'
  readonly table: TableReference
  /** `BERNOULLI(10)`, `SYSTEM(10)`, or SUBSTITUTE('name'). */
  readonly method: 'BERNOULLI' | 'SYSTEM' | 'SUBSTITUTE'
  readonly argument: string
  readonly repeatable?: number
}

/** Parses; refused when validated. `text` is the clause as written, from its first word to its closing parenthesis. */
export type Pivot = Spanned & { readonly kind: 'pivot'; readonly table: TableReference; readonly text: string }
export type Unpivot = Spanned & { readonly kind: 'unpivot'; readonly table: TableReference; readonly text: string }

export type MatchRecognize = Spanned & {
  readonly kind: 'matchRecognize'
  readonly table: TableReference
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly OrderItem[]
  readonly measures: readonly SelectItem[]
  readonly rowsPerMatch?: 'ONE ROW' | 'ALL ROWS'
  readonly afterMatch?:
    | (Spanned & { readonly kind: 'afterMatch'; readonly skip: 'TO NEXT ROW' | 'PAST LAST ROW' })
    | (Spanned & { readonly kind: 'afterMatch'; readonly skip: 'TO FIRST' | 'TO LAST'; readonly variable: Name })
  readonly strictStart: boolean
  readonly pattern: Pattern
  readonly strictEnd: boolean
  readonly within?: IntervalLiteral
  readonly subsets: readonly PatternSubset[]
  readonly define: readonly PatternDefinition[]
}
export type Pattern =
  | (Spanned & { readonly kind: 'patternVariable'; readonly name: Name })
  | (Spanned & {
      readonly kind: 'patternSequence' | 'patternAlternation' | 'patternPermute'
      readonly items: readonly Pattern[]
    })
  | (Spanned & { readonly kind: 'patternExclude'; readonly item: Pattern })
  | (Spanned & {
      readonly kind: 'patternQuantified'
      readonly item: Pattern
      readonly min: number
      /** Absent: no upper bound. */
      readonly max?: number
      readonly reluctant: boolean
      /** As written: *, +?, {2,3}. */
      readonly text: string
    })
export type PatternSubset = Spanned & {
  readonly kind: 'patternSubset'
  readonly name: Name
  readonly variables: readonly Expression[]
}
export type PatternDefinition = Spanned & {
  readonly kind: 'patternDefinition'
  readonly name: Name
  readonly condition: Expression
}

// ------------------------------------------------------------------------------------------------------------------- walk

/** Any node of a query. Those of statements are in ast-statements.ts. */
export type Node =
  | Query
  | TableReference
  | Argument
  | Name
  | CaseBranch
  | ExpressionList
  | IntervalQualifier
  | WindowSpecification
  | WindowFrame
  | FrameBound
  | JsonEntry
  | DataType
  | DataTypeField
  | WithItem
  | OrderItem
  | SelectItem
  | GroupBy
  | GroupingElement
  | NamedWindow
  | Hint
  | HintOption
  | SugarWindow
  | SugarDuration
  | NonNullable<Join['condition']>
  | NonNullable<MatchRecognize['afterMatch']>
  | Pattern
  | PatternSubset
  | PatternDefinition

/** The nodes directly below, in the order of the text as far as the fields are. */
export function childrenOf(node: Node): readonly Node[] {
  return childNodes(node) as readonly Node[]
}

/** The same for any tree: a property is a child when it has a kind and a span; lists and plain objects are looked through. */
export function childNodes(node: object): readonly object[] {
  const children: object[] = []
  for (const value of Object.values(node)) collect(value, children)
  return children
}

function collect(value: unknown, into: object[]): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) for (const item of value) collect(item, into)
  else if ('kind' in value && 'span' in value) into.push(value)
  else for (const inner of Object.values(value)) collect(inner, into)
}
