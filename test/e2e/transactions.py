"""Writes card transactions to Kafka with Confluent's own serializer, and the same rows to a file for the oracle.

Nothing here knows Sluice. Phases (one call each), all from one seed:
  main   in event-time order but for 1 % that are up to 4 s late in the stream (never late for a 5 s delay)
  late   rows of windows whose output was already seen, so they are late for certain, then
         one record far in the future in every partition, so that every window before it closes
"""

import argparse
import json
import random
import sqlite3
from decimal import Decimal

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

START_MS = 1_750_000_000_000  # a multiple of 10 s
FAR_FUTURE_MS = START_MS + 30 * 24 * 3600 * 1000
STATUSES = ["APPROVED", "DECLINED", "PENDING", "REVERSED"]
SUBJECT = "com.acme.payments.Transaction"


def transaction(rng, number, created_at_ms):
    user = int(rng.paretovariate(0.6)) % 2000
    return {
        "transactionId": f"tx-{number:08d}",
        "userIdentifier": f"user-{user:04d}",
        "createdAt": created_at_ms,
        "amount": Decimal(rng.randrange(1, 500_000)).scaleb(-2),
        "currency": rng.choice(["EUR", "USD", "ILS"]),
        "status": rng.choices(STATUSES, weights=[80, 14, 5, 1])[0],
        "cardToken": rng.choice([None, f"card-{rng.randrange(10_000):05d}"]),
        "attempt": rng.randrange(1, 6),
        "merchant": {
            "merchantId": f"m-{rng.randrange(500):03d}",
            "category": rng.choice([None, 5411, 5812, 7995]),
            "country": rng.choice(["DE", "FR", "IL", "US"]),
        },
        "deviceId": rng.choice([None, f"device-{rng.randrange(3000)}"]),
        "riskScore": rng.choice([None, rng.random()]),
    }


def main_phase(rng, count):
    """A hundred rows a second of event time; one in a hundred stands up to 4 s behind its place."""
    rows = []
    for number in range(count):
        due_ms = START_MS + number * 10
        created_at_ms = due_ms - (rng.randrange(500, 4000) if rng.random() < 0.01 and number > 500 else 0)
        rows.append((number, created_at_ms))
    return rows


def late_phase(rng, count, before_ms, first_number):
    """Rows of windows that ended long before `before_ms`, the newest window whose output was seen."""
    return [(first_number + i, rng.randrange(START_MS, before_ms - 60_000)) for i in range(count)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--registry", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--partitions", type=int, required=True)
    parser.add_argument("--phase", choices=["main", "late"], required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--first-number", type=int, default=0)
    parser.add_argument("--before-ms", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rows", required=True, help="SQLite file that gets every row written")
    arguments = parser.parse_args()

    registry = SchemaRegistryClient({"url": arguments.registry})
    schema = registry.get_latest_version(SUBJECT).schema
    serializer = AvroSerializer(
        registry,
        schema.schema_str,
        conf={"auto.register.schemas": False, "subject.name.strategy": record_subject_name_strategy},
    )
    context = SerializationContext(arguments.topic, MessageField.VALUE)
    failures = []
    producer = Producer({"bootstrap.servers": arguments.bootstrap, "linger.ms": 20, "compression.type": "lz4", "acks": "all"})
    rng = random.Random(f"{arguments.seed}-{arguments.phase}")

    if arguments.phase == "main":
        plan = main_phase(rng, arguments.count)
    else:
        plan = late_phase(rng, arguments.count, arguments.before_ms, arguments.first_number)

    database = sqlite3.connect(arguments.rows)
    database.execute(
        "CREATE TABLE IF NOT EXISTS transactions (phase TEXT, id TEXT PRIMARY KEY, user TEXT, createdAt INTEGER,"
        " amount TEXT, status TEXT, attempt INTEGER, country TEXT, category INTEGER)"
    )
    for number, created_at_ms in plan:
        row = transaction(rng, number, created_at_ms)
        database.execute(
            "INSERT INTO transactions VALUES (?,?,?,?,?,?,?,?,?)",
            (
                arguments.phase,
                row["transactionId"],
                row["userIdentifier"],
                row["createdAt"],
                str(row["amount"]),
                row["status"],
                row["attempt"],
                row["merchant"]["country"],
                row["merchant"]["category"],
            ),
        )
        send(producer, serializer, context, arguments, row, None, failures)
    if arguments.phase == "late":
        for partition in range(arguments.partitions):
            row = transaction(rng, arguments.first_number + arguments.count + partition, FAR_FUTURE_MS)
            row["status"] = "APPROVED"
            send(producer, serializer, context, arguments, row, partition, failures)
    database.commit()
    producer.flush()
    print(json.dumps({"written": len(plan), "failures": failures[:3]}))
    raise SystemExit(1 if failures else 0)


def send(producer, serializer, context, arguments, row, partition, failures):
    def delivered(error, _message):
        if error is not None:
            failures.append(str(error))

    value = serializer(row, context)
    key = row["userIdentifier"].encode()
    where = {} if partition is None else {"partition": partition}
    while True:
        try:
            producer.produce(arguments.topic, value, key, on_delivery=delivered, timestamp=row["createdAt"], **where)
            break
        except BufferError:
            producer.poll(0.1)
    producer.poll(0)


if __name__ == "__main__":
    main()
