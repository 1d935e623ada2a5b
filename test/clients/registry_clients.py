"""Drives a schema registry with confluent-kafka, a client nobody here wrote, and prints what it saw as JSON lines."""

import decimal
import json
import sys
import datetime

from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    ServerConfig,
    record_subject_name_strategy,
    topic_record_subject_name_strategy,
    topic_subject_name_strategy,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.serialization import MessageField, SerializationContext

url = sys.argv[1]
client = SchemaRegistryClient({"url": url})


def show(name, value):
    print(json.dumps({"name": name, "value": value}), flush=True)


def refused(name, action):
    try:
        action()
        show(name, "accepted")
    except SchemaRegistryError as error:
        show(name, [error.http_status_code, error.error_code])


USER = json.dumps({
    "type": "record", "name": "User", "namespace": "com.acme",
    "fields": [{"name": "id", "type": "string"}],
})
USER_WITH_AGE = json.dumps({
    "type": "record", "name": "User", "namespace": "com.acme",
    "fields": [{"name": "id", "type": "string"}, {"name": "age", "type": "int"}],
})
PAYMENT = json.dumps({
    "type": "record", "name": "Payment", "namespace": "com.acme",
    "fields": [
        {"name": "by", "type": "com.acme.User"},
        {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
        {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["OK", "FAILED"]}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "note", "type": ["null", "string"], "default": None},
    ],
})

# Subjects, versions, look-ups
user_id = client.register_schema("com.acme.User", Schema(USER, "AVRO"))
show("register", user_id)
show("register again", client.register_schema("com.acme.User", Schema(USER, "AVRO")))
show("by id", json.loads(client.get_schema(user_id).schema_str) == json.loads(USER))
show("lookup", client.lookup_schema("com.acme.User", Schema(USER, "AVRO")).version)
show("latest", client.get_latest_version("com.acme.User").version)
show("subjects", client.get_subjects())

# Compatibility
show("compatible", client.test_compatibility("com.acme.User", Schema(USER_WITH_AGE, "AVRO")))
refused("incompatible", lambda: client.register_schema("com.acme.User", Schema(USER_WITH_AGE, "AVRO")))
client.set_compatibility("com.acme.User", level="FORWARD")
show("level", client.get_compatibility("com.acme.User"))
client.set_config("com.acme.User", ServerConfig(compatibility=ConfigCompatibilityLevel.FULL_TRANSITIVE))
show("config", client.get_config("com.acme.User").compatibility_level)

# What is missing
refused("no subject", lambda: client.get_latest_version("nobody"))
refused("no version", lambda: client.get_version("com.acme.User", 9))
refused("no schema", lambda: client.get_schema(999))
refused("no schema text", lambda: client.register_schema("bad", Schema("{}", "AVRO")))

# References, and every subject strategy, written and read by the client's own serializers
references = [SchemaReference("com.acme.User", "com.acme.User", 1)]
payment = {
    "by": {"id": "u-1"},
    "amount": decimal.Decimal("12.34"),
    "status": "OK",
    "at": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
    "note": None,
}
strategies = {
    "payments-value": topic_subject_name_strategy,
    "com.acme.Payment": record_subject_name_strategy,
    "payments-com.acme.Payment": topic_record_subject_name_strategy,
}
for subject, strategy in strategies.items():
    schema = Schema(PAYMENT, "AVRO", references)
    registered = client.register_schema(subject, schema)
    fresh = SchemaRegistryClient({"url": url})
    context = SerializationContext("payments", MessageField.VALUE)
    serializer = AvroSerializer(
        fresh, schema, conf={"auto.register.schemas": False, "subject.name.strategy": strategy}
    )
    data = serializer(payment, context)
    back = AvroDeserializer(fresh)(data, context)
    show(subject, [registered, int.from_bytes(data[1:5], "big") == registered, back == payment])

# Deleting
show("delete version", client.delete_version("payments-value", 1))
show("delete subject", client.delete_subject("com.acme.Payment"))
show("delete for good", client.delete_subject("com.acme.Payment", permanent=True))
refused("referenced", lambda: client.delete_version("com.acme.User", 1))
