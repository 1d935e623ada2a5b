// The syntax tree of whole statements: INSERT, DDL and the commands of Flink's client. Queries and expressions are in ast.ts.
import type { Span } from '../diagnostics/diagnostic.ts'
import type {
  DataType,
  DataTypeField,
  Expression,
  Hint,
  Identifier,
  IntervalLiteral,
  Literal,
  Name,
  Node,
  Query,
} from './ast.ts'
import { childNodes } from './ast.ts'

type Spanned = { readonly span: Span }

/** A string literal where only a string may stand (comments, paths, patterns). */
export type Text = Spanned & { readonly kind: 'text'; readonly value: string }

/** 'key' = 'value' of WITH and SET. */
export type Option = Spanned & { readonly kind: 'option'; readonly key: Text; readonly value: Text }

/** p = 'v' of PARTITION (...); `value` is absent only in ANALYZE TABLE. */
export type PartitionValue = Spanned & {
  readonly kind: 'partitionValue'
  readonly name: Name
  readonly value?: Literal
}

export type QueryStatement = Spanned & { readonly kind: 'query'; readonly query: Query }

export type Insert = Spanned & {
  readonly kind: 'insert'
  readonly mode: 'INTO' | 'OVERWRITE' | 'UPSERT'
  readonly table: Identifier
  readonly hints: readonly Hint[]
  /** Columns that the table's declaration lacks. Parses; refused when validated. */
  readonly extend?: readonly DataTypeField[]
  readonly partition?: readonly PartitionValue[]
  /** The span of a target column may be of several parts: `(a, b.c)`. */
  readonly columns?: readonly Identifier[]
  readonly query: Query
  readonly onConflict?: 'ERROR' | 'NOTHING' | 'DEDUPLICATE'
}

export type Update = Spanned & {
  readonly kind: 'update'
  readonly table: Identifier
  readonly alias?: Name
  readonly assignments: readonly Assignment[]
  readonly where?: Expression
}
export type Assignment = Spanned & {
  readonly kind: 'assignment'
  readonly column: Identifier
  readonly value: Expression
}

export type Delete = Spanned & {
  readonly kind: 'delete'
  readonly table: Identifier
  readonly alias?: Name
  readonly where?: Expression
}

/** MERGE parses; refused later. `text` is the statement as written. */
export type Merge = Spanned & { readonly kind: 'merge'; readonly text: string }

/** STATEMENT SET BEGIN insert; ... END, only below EXECUTE, EXPLAIN and COMPILE PLAN. */
export type StatementSet = Spanned & { readonly kind: 'statementSet'; readonly inserts: readonly Insert[] }

/** BEGIN STATEMENT SET and END are statements of their own; the inserts stand between them. */
export type BeginStatementSet = Spanned & { readonly kind: 'beginStatementSet' }
export type EndStatementSet = Spanned & { readonly kind: 'endStatementSet' }

export type Execute = Spanned & { readonly kind: 'execute'; readonly statement: StatementSet | QueryStatement | Insert }

export type Explain = Spanned & {
  readonly kind: 'explain'
  readonly details: readonly string[]
  readonly statement: Statement
}

export type CompilePlan = Spanned & {
  readonly kind: 'compilePlan'
  readonly execute: boolean
  readonly file: Text
  readonly ifNotExists: boolean
  readonly statement: StatementSet | Insert
}

// ---------------------------------------------------------------------------------------------------------------- columns

export type Column = Spanned & { readonly kind: 'column'; readonly name: Identifier; readonly comment?: Text } & (
    | { readonly form: 'regular'; readonly type: DataType; readonly constraint?: Constraint }
    | { readonly form: 'metadata'; readonly type: DataType; readonly from?: Text; readonly virtual: boolean }
    | { readonly form: 'computed'; readonly expression: Expression }
  )

/** `columns` is empty for a constraint written behind its column. */
export type Constraint = Spanned & {
  readonly kind: 'constraint'
  readonly name?: Name
  readonly type: 'PRIMARY KEY' | 'UNIQUE'
  readonly columns: readonly Name[]
  readonly enforced?: boolean
}

/** WATERMARK FOR column AS expression. */
export type Watermark = Spanned & {
  readonly kind: 'watermark'
  readonly column: Identifier
  readonly expression: Expression
}

/** Between the parentheses of CREATE TABLE; bare names (`identifiers`) only in CREATE TABLE AS. */
export type TableSchema = Spanned & {
  readonly kind: 'tableSchema'
  readonly elements: readonly (Column | Constraint | Watermark)[]
  readonly identifiers: readonly Identifier[]
}

export type Distribution = Spanned & {
  readonly kind: 'distribution'
  readonly by?: 'HASH' | 'RANGE'
  readonly columns: readonly Name[]
  readonly buckets?: string
}

export type LikeClause = Spanned & {
  readonly kind: 'likeClause'
  readonly table: Identifier
  readonly options: readonly {
    readonly merge: 'INCLUDING' | 'EXCLUDING' | 'OVERWRITING'
    readonly feature: string
  }[]
}

// ----------------------------------------------------------------------------------------------------------------- create

type TableClauses = {
  readonly schema?: TableSchema
  readonly comment?: Text
  readonly distribution?: Distribution
  readonly partitionedBy?: readonly Name[]
  readonly options?: readonly Option[]
}

/** CREATE [OR REPLACE] [TEMPORARY] TABLE, and REPLACE TABLE (`create` false), with LIKE or AS. */
export type CreateTable = Spanned &
  TableClauses & {
    readonly kind: 'createTable'
    readonly create: boolean
    readonly orReplace: boolean
    readonly temporary: boolean
    readonly ifNotExists: boolean
    readonly name: Identifier
    readonly like?: LikeClause
    readonly as?: Query
  }

export type StartMode = Spanned & {
  readonly kind: 'startMode'
  readonly mode: string
  readonly value?: Expression
}

export type CreateMaterializedTable = Spanned &
  TableClauses & {
    readonly kind: 'createMaterializedTable'
    readonly orAlter: boolean
    readonly name: Identifier
    readonly startMode?: StartMode
    readonly freshness?: IntervalLiteral
    readonly refreshMode?: 'FULL' | 'CONTINUOUS'
    readonly as: Query
  }

export type CreateView = Spanned & {
  readonly kind: 'createView'
  readonly orReplace: boolean
  readonly temporary: boolean
  readonly ifNotExists: boolean
  readonly name: Identifier
  readonly columns?: readonly Name[]
  readonly comment?: Text
  readonly query: Query
}

export type CreateCatalog = Spanned & {
  readonly kind: 'createCatalog'
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly name: Name
  readonly comment?: Text
  readonly options?: readonly Option[]
}

export type CreateDatabase = Spanned & {
  readonly kind: 'createDatabase'
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly name: Identifier
  readonly comment?: Text
  readonly options?: readonly Option[]
}

export type FunctionLanguage = 'JAVA' | 'SCALA' | 'SQL' | 'PYTHON'

export type CreateFunction = Spanned & {
  readonly kind: 'createFunction'
  readonly orReplace: boolean
  readonly temporary: boolean
  readonly system: boolean
  readonly ifNotExists: boolean
  readonly name: Identifier
  readonly className: Text
  readonly language?: FunctionLanguage
  readonly resources: readonly { readonly type: 'JAR' | 'ARTIFACT'; readonly path: Text }[]
  readonly options?: readonly Option[]
}

export type CreateModel = Spanned & {
  readonly kind: 'createModel'
  readonly orReplace: boolean
  readonly temporary: boolean
  readonly ifNotExists: boolean
  readonly name: Identifier
  readonly input?: TableSchema
  readonly output?: TableSchema
  readonly comment?: Text
  readonly options?: readonly Option[]
  readonly as?: Query
}

export type CreateConnection = Spanned & {
  readonly kind: 'createConnection'
  readonly orReplace: boolean
  readonly temporary: boolean
  readonly system: boolean
  readonly ifNotExists: boolean
  readonly name: Identifier
  readonly comment?: Text
  readonly options: readonly Option[]
}

// ------------------------------------------------------------------------------------------------------------------- drop

/** What CREATE, DROP, ALTER and DESCRIBE name by one word (or two). */
export type ObjectType =
  | 'CATALOG'
  | 'DATABASE'
  | 'TABLE'
  | 'MATERIALIZED TABLE'
  | 'VIEW'
  | 'FUNCTION'
  | 'MODEL'
  | 'CONNECTION'

export type Drop = Spanned & {
  readonly kind: 'drop'
  readonly object: ObjectType
  readonly temporary: boolean
  readonly system: boolean
  readonly ifExists: boolean
  readonly name: Identifier
  readonly behavior?: 'RESTRICT' | 'CASCADE'
}

// ------------------------------------------------------------------------------------------------------------------ alter

export type Alter = Spanned & {
  readonly kind: 'alter'
  readonly object: ObjectType
  readonly ifExists: boolean
  readonly name: Identifier
  readonly action: AlterAction
}

export type AlterAction = Spanned &
  (
    | { readonly kind: 'rename'; readonly to: Identifier }
    | { readonly kind: 'renameColumn'; readonly from: Identifier; readonly to: Identifier }
    | { readonly kind: 'setOptions'; readonly options: readonly Option[] }
    | { readonly kind: 'resetOptions'; readonly keys: readonly Text[] }
    | { readonly kind: 'setComment'; readonly comment: Text }
    | {
        readonly kind: 'addSchema' | 'modifySchema'
        readonly elements: readonly (PositionedColumn | Constraint | Watermark)[]
      }
    | { readonly kind: 'addDistribution' | 'modifyDistribution'; readonly distribution: Distribution }
    | {
        readonly kind: 'addPartitions'
        readonly ifNotExists: boolean
        readonly partitions: readonly {
          readonly values: readonly PartitionValue[]
          readonly options?: readonly Option[]
        }[]
      }
    | {
        readonly kind: 'dropPartitions'
        readonly ifExists: boolean
        readonly partitions: readonly { readonly values: readonly PartitionValue[] }[]
      }
    | { readonly kind: 'dropColumns'; readonly columns: readonly Identifier[] }
    | { readonly kind: 'dropPrimaryKey' | 'dropWatermark' | 'dropDistribution' }
    | { readonly kind: 'dropConstraint'; readonly name: Name }
    | { readonly kind: 'asQuery'; readonly query: Query }
    | { readonly kind: 'suspend' }
    | { readonly kind: 'resume'; readonly options?: readonly Option[] }
    | { readonly kind: 'refresh'; readonly partition?: readonly PartitionValue[] }
    | { readonly kind: 'setFreshness'; readonly freshness: IntervalLiteral }
    | { readonly kind: 'setRefreshMode'; readonly mode: 'FULL' | 'CONTINUOUS' }
    | {
        readonly kind: 'alterFunction'
        readonly temporary: boolean
        readonly system: boolean
        readonly className: Text
        readonly language?: FunctionLanguage
      }
  )

export type PositionedColumn = Spanned & {
  readonly kind: 'positionedColumn'
  readonly column: Column
  readonly position?: 'FIRST' | { readonly after: Identifier }
}

// --------------------------------------------------------------------------------------------------------------- commands

export type Show = Spanned & {
  readonly kind: 'show'
  /** The words after SHOW: TABLES, USER FUNCTIONS, CREATE TABLE, CURRENT CATALOG, FULL MODULES, ... */
  readonly subject: string
  readonly name?: Identifier
  readonly from?: { readonly word: 'FROM' | 'IN'; readonly name: Identifier }
  readonly like?: { readonly negated: boolean; readonly word: 'LIKE' | 'ILIKE'; readonly pattern: Text }
  readonly partition?: readonly PartitionValue[]
}

export type Describe = Spanned & {
  readonly kind: 'describe'
  readonly object: ObjectType
  readonly extended: boolean
  readonly name: Identifier
}

export type Use = Spanned & { readonly kind: 'use' } & (
    | { readonly object: 'CATALOG' | 'DATABASE'; readonly name: Identifier }
    | { readonly object: 'MODULES'; readonly names: readonly Name[] }
  )

/** SET, SET 'key' = 'value', and the client's SET key = value. */
export type SetStatement = Spanned & { readonly kind: 'set'; readonly key?: Text; readonly value?: Text }
export type ResetStatement = Spanned & { readonly kind: 'reset'; readonly key?: Text }

export type LoadModule = Spanned & {
  readonly kind: 'loadModule'
  readonly name: Name
  readonly options?: readonly Option[]
}
export type UnloadModule = Spanned & { readonly kind: 'unloadModule'; readonly name: Name }

export type JarStatement = Spanned & { readonly kind: 'jar'; readonly action: 'ADD' | 'REMOVE'; readonly path: Text }
export type ExecutePlan = Spanned & { readonly kind: 'executePlan'; readonly file: Text }
export type CallStatement = Spanned & { readonly kind: 'callProcedure'; readonly call: Expression }
export type TruncateTable = Spanned & { readonly kind: 'truncateTable'; readonly table: Identifier }

export type AnalyzeTable = Spanned & {
  readonly kind: 'analyzeTable'
  readonly table: Identifier
  readonly partition?: readonly PartitionValue[]
  readonly columns?: readonly Name[] | 'ALL'
}

export type StopJob = Spanned & {
  readonly kind: 'stopJob'
  readonly job: Text
  readonly savepoint: boolean
  readonly drain: boolean
}
export type DescribeJob = Spanned & { readonly kind: 'describeJob'; readonly job: Text }

/** HELP, CLEAR, QUIT, EXIT of Flink's client. */
export type ClientCommand = Spanned & { readonly kind: 'clientCommand'; readonly command: 'HELP' | 'CLEAR' | 'QUIT' }

/** What the recovering parser puts where a statement could not be read; the strict parser never does. */
export type BrokenStatement = Spanned & { readonly kind: 'broken'; readonly partial?: Statement }

export type Statement =
  | QueryStatement
  | Insert
  | Update
  | Delete
  | Merge
  | StatementSet
  | BeginStatementSet
  | EndStatementSet
  | Execute
  | Explain
  | CompilePlan
  | ExecutePlan
  | CreateTable
  | CreateMaterializedTable
  | CreateView
  | CreateCatalog
  | CreateDatabase
  | CreateFunction
  | CreateModel
  | CreateConnection
  | Drop
  | Alter
  | Show
  | Describe
  | Use
  | SetStatement
  | ResetStatement
  | LoadModule
  | UnloadModule
  | JarStatement
  | CallStatement
  | TruncateTable
  | AnalyzeTable
  | StopJob
  | DescribeJob
  | ClientCommand
  | BrokenStatement

/** Nodes that stand only inside statements. */
export type StatementPart =
  | Text
  | Option
  | PartitionValue
  | Assignment
  | Column
  | Constraint
  | Watermark
  | TableSchema
  | Distribution
  | LikeClause
  | StartMode
  | AlterAction
  | PositionedColumn

export type StatementNode = Node | Statement | StatementPart

/** The nodes directly below a statement or any part of one. */
export function childrenOfStatement(node: StatementNode): readonly StatementNode[] {
  return childNodes(node) as readonly StatementNode[]
}
