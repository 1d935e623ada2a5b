// SYN: SQL that does not parse.
import type { CodeEntry } from './code-entry.ts'

export const syntaxCodes = {
  SYN001: {
    title: 'Unexpected word or symbol',
    explanation:
      'The statement cannot go on with this word. Flink reads a statement from left to right and stops at the first word that fits no rule; the mistake is there or just before.',
    bad: 'SELECT user_id FROM transactions WHERE AND amount > 10',
    good: 'SELECT user_id FROM transactions WHERE amount > 10',
  },
  SYN002: {
    title: 'Statement ends too early',
    explanation:
      'Something is missing at the end: a closing parenthesis, the operand of an operator, a clause after its first word.',
    bad: 'SELECT user_id FROM',
    good: 'SELECT user_id FROM transactions',
  },
  SYN003: {
    title: 'Reserved word used as a name',
    explanation: 'Flink SQL reserves this word. In backquotes it can be a name.',
    bad: 'SELECT amount AS value FROM transactions',
    good: 'SELECT amount AS `value` FROM transactions',
  },
  SYN004: {
    title: 'Text that is no SQL',
    explanation:
      'A character that SQL does not know, a comment without `*/`, or a quoted name without its closing backquote. Often it comes from a text editor that replaces quotes.',
    bad: 'SELECT user_id FROM transactions WHERE country = ‘DE’',
    good: "SELECT user_id FROM transactions WHERE country = 'DE'",
  },
  SYN005: {
    title: 'Nested too deeply',
    explanation:
      'Parentheses, calls and queries may stand in each other up to 400 levels deep, and up to 2000 operators, joins or set operations may stand in a row.',
  },
  SYN006: {
    title: 'Name too long',
    explanation: 'A name has at most 256 characters.',
  },
  SYN007: {
    title: 'Malformed literal',
    explanation: 'The text between the quotes is no value of the literal’s type, or a number is out of range.',
    bad: "SELECT X'4G' FROM transactions",
    good: "SELECT X'4F' FROM transactions",
  },
  SYN008: {
    title: 'BETWEEN without AND',
    explanation: 'BETWEEN needs a lower bound, AND, and an upper bound.',
    bad: 'SELECT user_id FROM transactions WHERE amount BETWEEN 10',
    good: 'SELECT user_id FROM transactions WHERE amount BETWEEN 10 AND 20',
  },
  SYN009: {
    title: 'Another dialect’s form',
    explanation: 'Other databases accept this form; Flink SQL has its own way to say it.',
    bad: 'SELECT user_id FROM transactions WHERE amount != 10',
    good: 'SELECT user_id FROM transactions WHERE amount <> 10',
  },
  SYN010: {
    title: 'A query is needed',
    explanation:
      'Only a query (SELECT, VALUES, TABLE, WITH) can stand here. A statement that begins with an unknown word ends up here too.',
    bad: 'user_id FROM transactions',
    good: 'SELECT user_id FROM transactions',
  },
  SYN011: {
    title: 'A query where none may stand',
    explanation:
      'An expression is needed here, and a query is none. A query in parentheses is an expression only where a single value is read.',
    bad: 'CREATE TABLE t (a INT, b AS SELECT 1)',
    good: 'CREATE TABLE t (a INT, b AS a + 1)',
  },
  SYN012: {
    title: 'Words that do not go together',
    explanation: 'Each part is known, but Flink SQL does not allow this combination.',
    bad: "SELECT TRIM(FROM 'a') FROM transactions",
    good: "SELECT TRIM(BOTH FROM 'a') FROM transactions",
  },
  SYN013: {
    title: 'String used as an alias',
    explanation: 'An alias is a name. Names that need quotes stand in backquotes; single quotes make a string.',
    bad: "SELECT user_id AS 'id' FROM transactions",
    good: 'SELECT user_id AS `id` FROM transactions',
  },
  SYN014: {
    title: 'Window without a time column',
    explanation:
      'WINDOW TUMBLING, HOPPING and SESSION group by a column of time. It is the one that TUMBLE_START and its like name in the select list, or else the event-time column of the source.',
  },
  SYN015: {
    title: 'ksqlDB clause without a counterpart',
    explanation:
      'Sluice reads ksqlDB’s window clause as sugar for Flink SQL. GRACE PERIOD cannot be said there: how long a window waits for late rows is the watermark of its source.',
    bad: 'SELECT user_id, COUNT(*) FROM transactions WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY user_id',
    good: 'SELECT user_id, COUNT(*) FROM transactions WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY user_id',
  },
  SYN016: {
    title: 'Text too long',
    explanation: 'A script has at most 524,288 characters.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>
