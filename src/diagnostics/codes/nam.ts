// NAM: names that do not exist or are ambiguous.
import type { CodeEntry } from './code-entry.ts'

export const nameCodes = {
  NAM001: {
    title: 'column does not exist',
    explanation: 'No table of the query has a column of this name. Names are case-sensitive.',
    bad: 'SELECT amuont FROM transactions',
    good: 'SELECT amount FROM transactions',
  },
  NAM002: {
    title: 'table does not exist',
    explanation:
      'A query reads the sources of its pipeline, views, and names from WITH. An INSERT writes to its sinks.',
    bad: 'SELECT amount FROM transaction',
    good: 'SELECT amount FROM transactions',
  },
  NAM003: {
    title: 'column name is ambiguous',
    explanation:
      'More than one table of the query has a column of this name. The alias of its table in front makes it clear.',
    bad: 'SELECT user_id FROM transactions t JOIN logins l ON t.user_id = l.user_id',
    good: 'SELECT t.user_id FROM transactions t JOIN logins l ON t.user_id = l.user_id',
  },
  NAM004: {
    title: 'function does not exist',
    explanation: 'Flink has no function of this name, or none that can stand here.',
    bad: 'SELECT LOWR(currency) FROM transactions',
    good: 'SELECT LOWER(currency) FROM transactions',
  },
  NAM005: {
    title: 'name is used twice',
    explanation: 'Aliases in FROM, columns of a table, and the tables of a pipeline need names of their own.',
    bad: 'SELECT 1 FROM transactions t, logins t',
    good: 'SELECT 1 FROM transactions t, logins l',
  },
  NAM006: {
    title: 'table alias does not exist',
    explanation:
      'The name before the dot is neither an alias nor a table in FROM. A table with an alias is known by its alias only.',
    bad: 'SELECT transactions.amount FROM transactions t',
    good: 'SELECT t.amount FROM transactions t',
  },
  NAM007: {
    title: 'named window does not exist',
    explanation: 'OVER names a window that the WINDOW clause of the same SELECT does not declare.',
    bad: 'SELECT COUNT(*) OVER w FROM transactions',
    good: 'SELECT COUNT(*) OVER w FROM transactions WINDOW w AS (PARTITION BY user_id ORDER BY event_time)',
  },
  NAM008: {
    title: 'field does not exist',
    explanation: 'The ROW has no field of this name, or the value is no ROW at all.',
    bad: 'SELECT t.billing.town FROM transactions t',
    good: 'SELECT t.billing.city FROM transactions t',
  },
  NAM009: {
    title: 'wrong number of column aliases',
    explanation: 'A list of column aliases names every column of its table, in order.',
    bad: 'SELECT a FROM (SELECT user_id, amount FROM transactions) AS t (a)',
    good: 'SELECT a FROM (SELECT user_id, amount FROM transactions) AS t (a, b)',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
