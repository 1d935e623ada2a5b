"""Reads a topic to its end with librdkafka and Confluent's AvroDeserializer; one JSON line a record.

It ends when every partition's end, as it was at the start, is reached.
"""

import argparse
import json
import struct
from datetime import datetime
from decimal import Decimal

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def as_json(value):
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    return value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--registry", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--isolation", choices=["read_committed", "read_uncommitted"], default="read_committed")
    parser.add_argument("--raw", action="store_true", help="count records only, decode nothing")
    arguments = parser.parse_args()

    consumer = Consumer(
        {
            "bootstrap.servers": arguments.bootstrap,
            "group.id": "reader-that-never-commits",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": arguments.isolation,
            "fetch.queue.backoff.ms": 5,
        }
    )
    deserialize = AvroDeserializer(SchemaRegistryClient({"url": arguments.registry}))
    partitions = list(consumer.list_topics(arguments.topic, timeout=20).topics[arguments.topic].partitions)
    consumer.assign([TopicPartition(arguments.topic, partition, OFFSET_BEGINNING) for partition in partitions])
    open_partitions = set(partitions)
    count = 0
    while open_partitions:
        message = consumer.poll(30)
        if message is None:
            raise SystemExit("no message and no end of partition within 30 s")
        if message.error():
            if message.error().code() == -191:  # _PARTITION_EOF
                open_partitions.discard(message.partition())
                continue
            raise SystemExit(str(message.error()))
        count += 1
        if arguments.raw:
            continue
        value = message.value()
        print(
            json.dumps(
                {
                    "partition": message.partition(),
                    "offset": message.offset(),
                    "key": message.key().decode() if message.key() is not None else None,
                    "schemaId": struct.unpack(">I", value[1:5])[0],
                    "value": as_json(deserialize(value, SerializationContext(arguments.topic, MessageField.VALUE))),
                }
            )
        )
    if arguments.raw:
        print(json.dumps({"count": count}))
    consumer.close()


if __name__ == "__main__":
    main()
