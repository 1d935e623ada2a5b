// Functions that exist only with OVER, and GROUPING of grouping sets.

import { leastRestrictive } from '../types/least-restrictive.ts'
import { type LogicalType, withNullability } from '../types/logical-type.ts'
import type { FunctionDefinition, FunctionKind } from './function-definition.ts'
import { any, argumentMismatch, form, forms, integer, varying } from './input-strategies.ts'

const bigint: LogicalType = { kind: 'BIGINT', nullable: false }
const double: LogicalType = { kind: 'DOUBLE', nullable: false }

function ranking(name: string, type: LogicalType, doc: string, args = forms(form())): FunctionDefinition {
  return {
    name,
    kind: 'over',
    category: 'aggregate',
    syntax: 'function',
    input: args,
    output: () => type,
    nullRule: 'custom',
    deterministic: true,
    doc,
    example: `${name}(${args.count[0] === 1 ? 4 : ''}) OVER (PARTITION BY user_id ORDER BY order_time)`,
  }
}

/** (value [, offset [, default]]): with a default of its own type and never NULL the result is never NULL. */
function neighbour(name: 'LAG' | 'LEAD', doc: string): FunctionDefinition {
  return {
    name,
    kind: 'over',
    category: 'aggregate',
    syntax: 'function',
    input: {
      forms: ['(value)', '(value, whole number)', '(value, whole number, default)'],
      count: [1, 3],
      check: (args) => {
        const checked = forms(form(any), form(any, integer), form(any, integer, any)).check(args, {})
        if ('code' in checked || args.length < 3) return checked
        if (!leastRestrictive([args[0]!.type, args[2]!.type]))
          return argumentMismatch(args[2]!, 2, ['a value of the same type'])
        return checked
      },
    },
    output: (received) => {
      if (received.length < 3) return withNullability(received[0]!, true)
      const type = leastRestrictive([received[0]!, received[2]!])!
      return withNullability(type, received[0]!.nullable || received[2]!.nullable)
    },
    nullRule: 'custom',
    deterministic: true,
    doc,
    example: `${name}(amount) OVER (PARTITION BY user_id ORDER BY order_time)`,
  }
}

function grouping(name: string, kind: FunctionKind, doc: string, args = forms(varying(any, any))): FunctionDefinition {
  return {
    name,
    kind,
    category: 'grouping',
    syntax: 'function',
    input: args,
    output: () => bigint,
    nullRule: 'custom',
    deterministic: true,
    doc,
    example: `${name}(${args.count[0] === 0 ? '' : 'country'})`,
  }
}

export const overFunctions: readonly FunctionDefinition[] = [
  ranking('ROW_NUMBER', bigint, 'The number of the row in its order, from 1.'),
  ranking('RANK', bigint, 'The rank of the row; equal rows share one, then numbers are left out.'),
  ranking('DENSE_RANK', bigint, 'The rank of the row; equal rows share one, none is left out.'),
  ranking('PERCENT_RANK', double, 'The rank as a share from 0 to 1.'),
  ranking('CUME_DIST', double, 'The share of rows that are not behind this one.'),
  ranking('NTILE', bigint, 'Which of a number of equal parts the row falls in.', forms(form(integer))),
  neighbour('LAG', 'The value some rows before this one.'),
  neighbour('LEAD', 'The value some rows behind this one.'),
  grouping('GROUPING', 'scalar', 'Bits that say which columns the grouping set leaves out.'),
  grouping('GROUPING_ID', 'scalar', 'Bits that say which columns the grouping set leaves out.'),
  grouping('GROUP_ID', 'scalar', 'Which of several equal grouping sets the row is of.', forms(form())),
]
