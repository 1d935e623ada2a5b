// A logical type as Flink writes it in its messages ("summary" form): `STRING`, `BIGINT NOT NULL`, `TIMESTAMP_LTZ(3) NOT NULL *ROWTIME*`.
import { type Field, type LogicalType, MAX_LENGTH } from './logical-type.ts'

/** The text is also what `parseType` reads; a column type in DDL is written the same way, without the time attribute. */
export function printType(type: LogicalType): string {
  const text = type.nullable ? printKind(type) : `${printKind(type)} NOT NULL`
  if ((type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.timeAttribute) {
    return `${text} *${type.timeAttribute.toUpperCase()}*`
  }
  return text
}

function printKind(type: LogicalType): string {
  switch (type.kind) {
    case 'INTEGER':
      return 'INT'
    case 'CHAR':
    case 'BINARY':
      return `${type.kind}(${type.length})`
    case 'VARCHAR':
      return type.length === MAX_LENGTH ? 'STRING' : `VARCHAR(${type.length})`
    case 'VARBINARY':
      return type.length === MAX_LENGTH ? 'BYTES' : `VARBINARY(${type.length})`
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `${type.kind}(${type.precision})`
    case 'INTERVAL':
      return type.unit === 'YEAR_MONTH' ? 'INTERVAL MONTH' : 'INTERVAL SECOND(3)'
    case 'ARRAY':
    case 'MULTISET':
      return `${type.kind}<${printType(type.element)}>`
    case 'MAP':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`
    case 'ROW':
      return `ROW<${type.fields.map(printField).join(', ')}>`
    case 'STRUCTURED':
      return `STRUCTURED<'${type.className}', ${type.fields.map(printField).join(', ')}>`
    case 'RAW':
      return `RAW('${type.className}', ?)`
    default:
      return type.kind
  }
}

function printField(field: Field): string {
  return `\`${field.name.replaceAll('`', '``')}\` ${printType(field.type)}`
}
