// TYP: types that do not fit.
import type { CodeEntry } from './code-entry.ts'

export const typeCodes = {
  TYP001: {
    title: 'wrong number of arguments',
    explanation: 'The function takes another number of arguments than the call gives it.',
    bad: "SELECT UPPER('a', 'b')",
    good: "SELECT UPPER('a')",
  },
  TYP002: {
    title: 'argument of a type the function does not take',
    explanation:
      'Each function says which types it takes. Nothing is converted silently: a CAST makes the conversion visible.',
    bad: 'SELECT UPPER(1)',
    good: 'SELECT UPPER(CAST(1 AS STRING))',
  },
  TYP003: {
    title: 'no type that holds both',
    explanation:
      'The values of CASE branches, COALESCE, IN lists, arrays and set operations need one type that can hold them all.',
    bad: "SELECT CASE WHEN TRUE THEN 1 ELSE 'a' END",
    good: "SELECT CASE WHEN TRUE THEN '1' ELSE 'a' END",
  },
  TYP004: {
    title: 'cast between types that cannot be converted',
    explanation: 'CAST and TRY_CAST exist only between types of related meaning.',
    bad: 'SELECT CAST(TRUE AS DATE)',
    good: "SELECT CAST('2024-05-01' AS DATE)",
  },
  TYP005: {
    title: 'NULL without a type',
    explanation: 'A bare NULL has no type, so nothing can be derived from it. CAST gives it one.',
    bad: 'SELECT UPPER(NULL)',
    good: 'SELECT UPPER(CAST(NULL AS STRING))',
  },
  TYP006: {
    title: 'argument must be a literal',
    explanation:
      'The result type or the meaning of the call depends on this value, so it must be written in the query and lie in range.',
    bad: 'SELECT SHA2(name, bits) FROM users',
    good: 'SELECT SHA2(name, 256) FROM users',
  },
  TYP007: {
    title: 'aggregate not defined for this type',
    explanation:
      'Some aggregates cannot work on every type: there is no order of arrays, and no distinct set of bytes.',
    bad: 'SELECT MAX(tags) FROM orders',
    good: 'SELECT MAX(CARDINALITY(tags)) FROM orders',
  },
  TYP008: {
    title: 'comparison of values that cannot be compared',
    explanation:
      'Both sides of a comparison need related types: numbers with numbers, strings with strings, times with times.',
    bad: "SELECT * FROM orders WHERE amount = 'ten'",
    good: 'SELECT * FROM orders WHERE amount = 10',
  },
  TYP020: {
    title: 'condition is not BOOLEAN',
    explanation: 'WHERE, HAVING, ON and FILTER take a condition: something that is true or false.',
    bad: 'SELECT amount FROM transactions WHERE amount',
    good: 'SELECT amount FROM transactions WHERE amount > 0',
  },
  TYP021: {
    title: 'malformed literal',
    explanation: 'The text of the literal is no such date, time, interval or number.',
    bad: "SELECT DATE '2024-02-31'",
    good: "SELECT DATE '2024-02-29'",
  },
  TYP022: {
    title: 'columns do not fit the sink',
    explanation:
      'An INSERT without registered schema fills the columns of its sink in order, with the same number and fitting types.',
    bad: 'INSERT INTO fraud_alerts SELECT user_id FROM transactions',
    good: 'INSERT INTO fraud_alerts (user_id) SELECT user_id FROM transactions',
  },
  TYP023: {
    title: 'queries have different columns',
    explanation:
      'UNION, INTERSECT, EXCEPT, IN and subqueries need the same number of columns, of fitting types, on both sides.',
    bad: 'SELECT user_id FROM transactions UNION ALL SELECT user_id, ip FROM logins',
    good: 'SELECT user_id, ip FROM transactions UNION ALL SELECT user_id, ip FROM logins',
  },
  TYP024: {
    title: 'type does not exist or cannot be used',
    explanation: 'The type is unknown, has attributes out of range, or is one that Flink reads but does not support.',
    bad: 'SELECT CAST(amount AS DECIMAL(50, 2)) FROM transactions',
    good: 'SELECT CAST(amount AS DECIMAL(38, 2)) FROM transactions',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
