// Types and tables as the goldens write them.
import type { Catalog } from '../../src/catalog/table.ts'
import { makeCatalog, type Table } from '../../src/catalog/table.ts'
import { Findings } from '../../src/plan/findings.ts'
import { parseExpression } from '../../src/sql/parser.ts'
import type { LogicalType } from '../../src/types/logical-type.ts'
import { printType } from '../../src/types/print-type.ts'
import { resolveDataType } from '../../src/validator/data-type.ts'

/** `columns` of a golden's table: `BIGINT NOT NULL`, `TIMESTAMP_LTZ(3)`. */
export function readGoldenType(text: string): LogicalType {
  // Flink's grammar knows NOT NULL inside a type only.
  const interval = /^INTERVAL (SECOND|MONTH)/.exec(text)
  if (interval) {
    return {
      kind: 'INTERVAL',
      unit: interval[1] === 'MONTH' ? 'YEAR_MONTH' : 'DAY_TIME',
      nullable: !text.endsWith('NOT NULL'),
    }
  }
  // The empty string's CHAR(0), and time attributes, cannot be said in DDL.
  const written = text.replace(/CHAR\(0\)/g, 'CHAR(1)').replace(/ \*(?:ROWTIME|PROCTIME)\*/g, '')
  const { value } = parseExpression(`CAST(NULL AS ROW<f ${written}>)`)
  const row = value?.kind === 'cast' ? resolveDataType(value.type, new Findings(text)) : undefined
  if (row?.kind !== 'ROW') throw new Error(`golden type ${text} is not understood`)
  return row.fields[0]!.type
}

/** Flink writes the same type in several ways; a time attribute inside another type is not shown. */
export function normalizeTypeText(text: string): string {
  const plain = text
    .replaceAll('VARCHAR(2147483647)', 'STRING')
    .replaceAll('VARBINARY(2147483647)', 'BYTES')
    .replace(/TIMESTAMP\((\d)\) WITH LOCAL TIME ZONE/g, 'TIMESTAMP_LTZ($1)')
  return plain.replace(/ \*(?:ROWTIME|PROCTIME)\*(?!$)/g, '')
}

export function printedType(type: LogicalType): string {
  return normalizeTypeText(printType(type))
}

type GoldenTable = {
  readonly name: string
  readonly role: Table['role']
  readonly changelog: Table['changelog']
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly eventTime: { readonly column: string; readonly watermark: string } | null
  readonly primaryKey: readonly string[] | null
}

/** The tables of a golden's catalog, as if their columns were written in DDL. */
export function goldenCatalog(tables: readonly GoldenTable[]): Catalog {
  return makeCatalog(
    tables.map((table) => ({
      name: table.name,
      role: table.role,
      columns: table.columns.map(({ name, type }) => ({
        name,
        type: readGoldenType(type),
        origin: { kind: 'value' as const, path: [name] },
      })),
      ...(table.eventTime && { eventTime: table.eventTime }),
      primaryKey: table.primaryKey ?? [],
      changelog: table.changelog,
    })),
  )
}
