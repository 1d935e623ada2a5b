"""What the pipeline must have written, from the rows in SQLite alone: plain SQL, no code shared with the engine."""

import argparse
import json
import sqlite3

FAR_FUTURE_MS = 1_750_000_000_000 + 30 * 24 * 3600 * 1000

parser = argparse.ArgumentParser()
parser.add_argument("--rows", required=True)
parser.add_argument("--query", choices=["velocity", "declined"], required=True)
arguments = parser.parse_args()
database = sqlite3.connect(arguments.rows)

# Late rows are dropped by the window, but a filter knows no time: it passes them on.
QUERIES = {
    "velocity": """
        SELECT json_object('userIdentifier', user, 'windowStart', createdAt / 10000 * 10000,
                           'windowEnd', createdAt / 10000 * 10000 + 10000, 'paymentAttempts', COUNT(*))
        FROM transactions WHERE phase = 'main' GROUP BY user, createdAt / 10000""",
    "declined": """
        SELECT json_object('transactionId', id, 'userIdentifier', user, 'createdAt', createdAt, 'amount', amount,
                           'status', status, 'country', country, 'category', category)
        FROM transactions WHERE status = 'DECLINED' AND attempt > 1""",
}
for (line,) in database.execute(QUERIES[arguments.query]):
    print(json.dumps(json.loads(line)))
