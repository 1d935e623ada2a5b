// A type as written in CAST or CREATE TABLE becomes a logical type; types that Flink reads and then refuses are reported.

import type { Findings } from '../plan/findings.ts'
import type { DataType } from '../sql/ast.ts'
import { type LogicalType, MAX_LENGTH } from '../types/logical-type.ts'

/** `nullableByDefault`: of the outermost type where nothing was said (inside, nothing said is nullable). */
export function resolveDataType(
  written: DataType,
  findings: Findings,
  nullableByDefault = true,
  inCast = false,
): LogicalType | undefined {
  const nullable = written.nullable ?? nullableByDefault
  const refuse = (message: string, hint?: string) => findings.error('TYP024', written.span, message, { hint })
  switch (written.type) {
    case 'ARRAY':
    case 'MULTISET': {
      const element = resolveDataType(written.element, findings)
      return element && { kind: written.type, element, nullable }
    }
    case 'MAP': {
      const key = resolveDataType(written.key, findings)
      const value = resolveDataType(written.value, findings)
      return key && value && { kind: 'MAP', key, value, nullable }
    }
    case 'ROW':
    case 'STRUCTURED': {
      const fields = []
      for (const { name, type } of written.fields) {
        const resolved = resolveDataType(type, findings)
        if (!resolved) return undefined
        fields.push({ name: name.name, type: resolved })
      }
      return written.type === 'ROW'
        ? { kind: 'ROW', fields, nullable }
        : { kind: 'STRUCTURED', className: written.className, fields, nullable }
    }
    case 'RAW':
      return { kind: 'RAW', className: written.className, nullable }
    case 'INTERVAL': {
      const { from } = written.qualifier
      const months = from === 'YEAR' || from === 'MONTH' || from === 'QUARTER'
      return { kind: 'INTERVAL', unit: months ? 'YEAR_MONTH' : 'DAY_TIME', nullable }
    }
    case 'USER':
      return findings.error(
        'TYP024',
        written.span,
        `type \`${written.name.parts.map(({ name }) => name).join('.')}\` does not exist`,
      )
    case 'STRING':
      return { kind: 'VARCHAR', length: MAX_LENGTH, nullable }
    case 'BYTES':
      return { kind: 'VARBINARY', length: MAX_LENGTH, nullable }
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY': {
      const varying = written.type === 'VARCHAR' || written.type === 'VARBINARY'
      const length = written.precision ?? (varying ? MAX_LENGTH : 1)
      if (length < 1) return refuse(`${written.type} needs a length of at least 1`)
      return { kind: written.type, length, nullable }
    }
    case 'DECIMAL': {
      // A cast to more digits than there are gives as many as there are.
      const precision = inCast ? Math.min(written.precision ?? 10, 38) : (written.precision ?? 10)
      const scale = written.scale ?? 0
      if (precision < 1 || precision > 38) return refuse(`DECIMAL has 1 to 38 digits, found ${precision}`)
      if (scale < 0 || scale > precision)
        return refuse(`the scale of DECIMAL is between 0 and its precision, found ${scale}`)
      return { kind: 'DECIMAL', precision, scale, nullable }
    }
    case 'TIME':
      return timed('TIME', written.precision ?? 0)
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timed(written.type, written.precision ?? 6)
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DATE':
    case 'NULL':
    case 'VARIANT':
    case 'BITMAP':
      return { kind: written.type, nullable }
    default:
      return findings.error('TYP024', written.span, `type ${written.type} is not supported`, { flinkSpan: null })
  }

  function timed(kind: 'TIME' | 'TIMESTAMP' | 'TIMESTAMP_LTZ', precision: number): LogicalType | undefined {
    if (precision > 9) return refuse(`${kind} has at most 9 digits of a second, found ${precision}`)
    return { kind, precision, nullable }
  }
}
