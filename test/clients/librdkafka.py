"""Scenarios that librdkafka (confluent-kafka) plays against a broker: librdkafka.py BOOTSTRAP SCENARIO.

Each scenario makes its own topics and fails by an AssertionError. librdkafka.test.ts runs them.
"""

import sys
import time
import uuid

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic, OffsetSpec, ResourceType

BOOTSTRAP = sys.argv[1]
WAIT = 20


def fresh(subject):
    return f"{subject}-{uuid.uuid4().hex[:12]}"


ADMIN = AdminClient({"bootstrap.servers": BOOTSTRAP})


def wait(futures):
    return {key: future.result(WAIT) for key, future in futures.items()}


def make_topic(partitions=1, **config):
    name = fresh("librdkafka")
    settings = {key.replace("_", "."): str(value) for key, value in config.items()}
    wait(ADMIN.create_topics([NewTopic(name, partitions, 1, config=settings)]))
    return name


def producer(**config):
    settings = {key.replace("_", "."): value for key, value in config.items()}
    return Producer({"bootstrap.servers": BOOTSTRAP, "linger.ms": 5, **settings})


def consumer(group=None, **config):
    settings = {key.replace("_", "."): value for key, value in config.items()}
    return Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": group or fresh("group"),
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "fetch.queue.backoff.ms": 2,
            "fetch.wait.max.ms": 20,
            **settings,
        }
    )


def flush(p):
    left = p.flush(WAIT)
    assert left == 0, f"{left} records were not delivered"


def read(topic, partitions=1, **config):
    """All records from the beginning to the end that the isolation level shows."""
    c = consumer(enable_partition_eof=True, **config)
    c.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(partitions)])
    records, ended, deadline = [], set(), time.time() + WAIT
    while len(ended) < partitions:
        assert time.time() < deadline, f"only {len(ended)} of {partitions} partitions came to an end"
        m = c.poll(0.2)
        if m is None:
            continue
        if m.error() is None:
            records.append(m)
            ended.discard(m.partition())
        elif m.error().code() == KafkaError._PARTITION_EOF:
            ended.add(m.partition())
        else:
            raise KafkaException(m.error())
    c.close()
    return records


def values(records):
    return [m.value().decode() for m in records]


def produces_with_every_codec():
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
        topic = make_topic(3)
        p = producer(enable_idempotence=True, compression_type=codec)
        for i in range(3000):
            p.produce(topic, key=f"k{i}", value=f"v{i}" * 5, headers={"h": str(i)}, timestamp=1_700_000_000_000 + i)
        flush(p)
        records = read(topic, 3, check_crcs=True)
        assert sorted(values(records)) == sorted(f"v{i}" * 5 for i in range(3000)), codec
        for m in records:
            i = int(m.key()[1:])
            assert m.headers() == [("h", str(i).encode())]
            assert m.timestamp() == (1, 1_700_000_000_000 + i)


def stores_nulls_and_large_records():
    topic = make_topic(max_message_bytes=5_000_000)
    p = producer(message_max_bytes=5_000_000)
    p.produce(topic, key="a", value=None)
    p.produce(topic, key=None, value="b")
    p.produce(topic, key="c", value="x" * 3_000_000)
    flush(p)
    records = read(topic, fetch_max_bytes=4_000_000, message_max_bytes=4_000_000)
    assert [(m.key(), m.value() and len(m.value())) for m in records] == [(b"a", None), (None, 1), (b"c", 3_000_000)]


def refuses_too_large_records():
    topic = make_topic(max_message_bytes=2000)
    errors = []
    p = producer()
    p.produce(topic, value="x" * 5000, on_delivery=lambda error, _: errors.append(error))
    flush(p)
    assert [e.code() for e in errors] == [KafkaError.MSG_SIZE_TOO_LARGE], errors


def stamps_log_append_time():
    topic = make_topic(message_timestamp_type="LogAppendTime")
    before = int(time.time() * 1000)
    p = producer()
    p.produce(topic, value="a", timestamp=5)
    flush(p)
    [m] = read(topic, check_crcs=True)
    kind, timestamp = m.timestamp()
    assert kind == 2 and before - 1000 <= timestamp <= time.time() * 1000 + 1000, m.timestamp()


def finds_offsets_by_time():
    topic = make_topic()
    p = producer(linger_ms=50)
    for i in range(100):
        p.produce(topic, value=str(i), timestamp=1_700_000_000_000 + 1000 * i)
    flush(p)
    c = consumer()
    [found] = c.offsets_for_times([TopicPartition(topic, 0, 1_700_000_000_000 + 41_500)], WAIT)
    assert found.offset == 42, found
    [beyond] = c.offsets_for_times([TopicPartition(topic, 0, 1_800_000_000_000)], WAIT)
    assert beyond.offset == -1, beyond
    assert c.get_watermark_offsets(TopicPartition(topic, 0), WAIT) == (0, 100)
    c.close()
    listed = wait(ADMIN.list_offsets({TopicPartition(topic, 0): OffsetSpec.max_timestamp()}))
    assert [r.offset for r in listed.values()] == [99]


def shares_partitions_in_a_group():
    topic, group = make_topic(4), fresh("group")
    p = producer()
    for i in range(400):
        p.produce(topic, value=str(i), partition=i % 4)
    flush(p)
    settings = {"session_timeout_ms": 6000, "heartbeat_interval_ms": 200}
    first, second = consumer(group, **settings), consumer(group, **settings)
    seen, deadline = [], time.time() + WAIT
    first.subscribe([topic])
    while len(first.assignment()) < 4:
        assert time.time() < deadline, "the first member got no partitions"
        first.poll(0.1)
    second.subscribe([topic])
    while not (len(first.assignment()) == 2 and len(second.assignment()) == 2):
        assert time.time() < deadline, f"{first.assignment()} {second.assignment()}"
        for c in (first, second):
            c.poll(0.05)
    for c in (first, second):
        for partition in c.assignment():
            c.seek(TopicPartition(topic, partition.partition, 0))
    while len(set(seen)) < 400:
        assert time.time() < deadline, f"{len(set(seen))} of 400 records"
        for c in (first, second):
            m = c.poll(0.05)
            if m is not None and m.error() is None:
                seen.append(m.value())
    groups = wait(ADMIN.describe_consumer_groups([group]))
    assert [(g.state.name, len(g.members)) for g in groups.values()] == [("STABLE", 2)]
    second.close()
    while len(first.assignment()) < 4:
        assert time.time() < deadline, "the partitions of the member that left were not taken over"
        first.poll(0.05)
    first.close()


def goes_on_at_committed_offsets():
    topic, group = make_topic(2), fresh("group")
    p = producer()
    for i in range(20):
        p.produce(topic, value=str(i), partition=i % 2)
    flush(p)
    c = consumer(group)
    c.subscribe([topic])
    got = []
    while len(got) < 10:
        m = c.poll(1)
        if m is not None and m.error() is None:
            got.append(m)
    at = [TopicPartition(topic, 0, 3, "why three"), TopicPartition(topic, 1, 9)]
    c.commit(offsets=at, asynchronous=False)
    c.close()
    c = consumer(group)
    committed = c.committed([TopicPartition(topic, 0), TopicPartition(topic, 1)], WAIT)
    assert [(t.offset, t.metadata or None) for t in committed] == [(3, "why three"), (9, None)], committed
    c.subscribe([topic])
    rest = []
    while len(rest) < 8:
        m = c.poll(1)
        if m is not None and m.error() is None:
            rest.append((m.partition(), m.offset()))
    assert sorted(rest) == [(0, o) for o in range(3, 10)] + [(1, 9)], rest
    c.close()
    a = ADMIN
    assert group in [g.group_id for g in a.list_consumer_groups().result(WAIT).valid]
    asked = ConsumerGroupTopicPartitions(group)
    [listed] = wait(a.list_consumer_group_offsets([asked])).values()
    assert sorted((t.partition, t.offset) for t in listed.topic_partitions) == [(0, 3), (1, 9)]
    wait(a.delete_consumer_groups([group]))
    assert group not in [g.group_id for g in a.list_consumer_groups().result(WAIT).valid]


def keeps_a_static_members_place():
    topic, group = make_topic(2), fresh("group")
    settings = {"group_instance_id": "one", "session_timeout_ms": 10_000}

    def assigned():
        revoked = []
        c = consumer(group, **settings)
        c.subscribe([topic], on_revoke=lambda _, partitions: revoked.append(partitions))
        deadline = time.time() + WAIT
        while len(c.assignment()) < 2:
            assert time.time() < deadline
            c.poll(0.1)
        return c

    c = assigned()
    c.close()  # a static member does not leave
    started = time.time()
    c = assigned()
    assert time.time() - started < 5, "the returning member waited for its old session"
    c.close()


def commits_and_aborts_transactions():
    topic = make_topic(2)
    p = producer(transactional_id=fresh("tx"))
    p.init_transactions(WAIT)
    for round in range(6):
        p.begin_transaction()
        for i in range(50):
            p.produce(topic, value=f"{round}/{i}", partition=i % 2)
        if round % 3 == 1:
            p.flush(WAIT)
            p.abort_transaction(WAIT)
        else:
            p.commit_transaction(WAIT)
    committed = {f"{round}/{i}" for round in (0, 2, 3, 5) for i in range(50)}
    every = {f"{round}/{i}" for round in range(6) for i in range(50)}
    assert sorted(values(read(topic, 2, isolation_level="read_committed"))) == sorted(committed)
    assert sorted(values(read(topic, 2, isolation_level="read_uncommitted"))) == sorted(every)


def hides_open_transactions():
    topic = make_topic()
    open_one = producer(transactional_id=fresh("tx"))
    open_one.init_transactions(WAIT)
    open_one.begin_transaction()
    open_one.produce(topic, value="open")
    flush(open_one)
    plain = producer()
    plain.produce(topic, value="behind it")
    flush(plain)
    assert values(read(topic, isolation_level="read_committed")) == []
    assert values(read(topic, isolation_level="read_uncommitted")) == ["open", "behind it"]
    asked = {TopicPartition(topic, 0): OffsetSpec.latest()}
    for level, end in [(IsolationLevel.READ_COMMITTED, 0), (IsolationLevel.READ_UNCOMMITTED, 2)]:
        [found] = wait(ADMIN.list_offsets(asked, isolation_level=level)).values()
        assert found.offset == end, (level, found.offset)
    open_one.commit_transaction(WAIT)
    assert values(read(topic, isolation_level="read_committed")) == ["open", "behind it"]


def moves_offsets_with_a_transaction():
    source, target, group = make_topic(), make_topic(), fresh("group")
    p = producer()
    for i in range(100):
        p.produce(source, value=str(i))
    flush(p)
    tx = producer(transactional_id=fresh("tx"))
    tx.init_transactions(WAIT)
    c = consumer(group, isolation_level="read_committed")
    c.subscribe([source])
    done, attempt = 0, 0
    while done < 100:
        batch = [m for m in c.consume(10, 1) if m.error() is None]
        if not batch:
            continue
        tx.begin_transaction()
        for m in batch:
            tx.produce(target, value=m.value())
        tx.send_offsets_to_transaction(c.position(c.assignment()), c.consumer_group_metadata(), WAIT)
        attempt += 1
        if attempt % 3 == 0:
            tx.flush(WAIT)
            tx.abort_transaction(WAIT)
            for t in c.committed(c.assignment(), WAIT):
                c.seek(TopicPartition(t.topic, t.partition, max(t.offset, 0)))
        else:
            tx.commit_transaction(WAIT)
            done += len(batch)
            [t] = c.committed([TopicPartition(source, 0)], WAIT)
            assert t.offset == done, (t, done)
    c.close()
    assert values(read(target, isolation_level="read_committed")) == [str(i) for i in range(100)]


def fences_the_older_producer():
    topic, name = make_topic(), fresh("tx")
    old = producer(transactional_id=name)
    old.init_transactions(WAIT)
    old.begin_transaction()
    old.produce(topic, value="old")
    flush(old)
    new = producer(transactional_id=name)
    new.init_transactions(WAIT)
    new.begin_transaction()
    new.produce(topic, value="new")
    new.commit_transaction(WAIT)
    try:
        old.commit_transaction(WAIT)
        raise AssertionError("the fenced producer could commit")
    except KafkaException as e:
        assert e.args[0].code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED), e
    assert values(read(topic, isolation_level="read_committed")) == ["new"]


def aborts_after_the_timeout():
    topic = make_topic()
    p = producer(transactional_id=fresh("tx"), transaction_timeout_ms=1000)
    p.init_transactions(WAIT)
    p.begin_transaction()
    p.produce(topic, value="too slow")
    flush(p)
    plain = producer()
    plain.produce(topic, value="behind it")
    flush(plain)
    deadline = time.time() + 30
    while values(read(topic, isolation_level="read_committed")) != ["behind it"]:
        assert time.time() < deadline, "the transaction was not aborted"


def administers_topics():
    a, topic = ADMIN, make_topic(2, retention_ms=1234567)
    described = a.list_topics(topic, WAIT).topics[topic]
    assert sorted(described.partitions) == [0, 1] and described.error is None
    [config] = wait(a.describe_configs([ConfigResource(ResourceType.TOPIC, topic)])).values()
    assert config["retention.ms"].value == "1234567" and config["cleanup.policy"].value == "delete"
    wait(a.create_partitions([NewPartitions(topic, 5)]))
    assert len(a.list_topics(topic, WAIT).topics[topic].partitions) == 5
    for refused, code in [
        (NewTopic(topic, 1, 1), KafkaError.TOPIC_ALREADY_EXISTS),
        (NewTopic("no/such/name", 1, 1), KafkaError.TOPIC_EXCEPTION),
        (NewTopic(fresh("t"), 1, 3), KafkaError.INVALID_REPLICATION_FACTOR),
        (NewTopic(fresh("t"), 1, 1, config={"retention.ms": "soon"}), KafkaError.INVALID_CONFIG),
    ]:
        try:
            wait(a.create_topics([refused]))
            raise AssertionError(f"{refused} was created")
        except KafkaException as e:
            assert e.args[0].code() == code, (refused, e)
    p = producer()
    for i in range(10):
        p.produce(topic, value=str(i), partition=0)
    flush(p)
    wait(a.delete_records([TopicPartition(topic, 0, 4)]))
    c = consumer()
    assert c.get_watermark_offsets(TopicPartition(topic, 0), WAIT) == (4, 10)
    c.close()
    assert values(read(topic, 5)) == [str(i) for i in range(4, 10)]
    wait(a.delete_topics([topic]))
    deadline = time.time() + WAIT
    while topic in a.list_topics(timeout=WAIT).topics:
        assert time.time() < deadline
    try:
        wait(a.delete_topics([topic]))
        raise AssertionError("a topic was deleted twice")
    except KafkaException as e:
        assert e.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART, e


globals()[sys.argv[2]]()
