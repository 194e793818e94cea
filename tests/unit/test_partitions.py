"""How frames are split among partitions, and what one partition is."""

import re
from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from xencrm.contracts import topology
from xencrm.contracts.topology import ACCESS_QUEUE, ALL_QUEUES, CUSTOMER_QUEUE, PARTITIONED, RECEIPT_QUEUE
from xencrm.kernel.clock import utc_now
from xencrm.kernel.messaging.broker import Queue, Topic
from xencrm.kernel.messaging.envelope import Event, decode_frame, encode_data, encode_frame
from xencrm.kernel.messaging.former_partitions import former_partitions
from xencrm.kernel.messaging.partitions import number_of, partitioned, split_frame
from xencrm.kernel.messaging.postgres import PostgresBroker
from xencrm.kernel.messaging.subscription import Binding
from xencrm.kernel.settings import Settings


def said_of(subject: str, number: int, partitionkey: str = "") -> Event:
    return Event(
        id=UUID(int=number),
        type="t.v1",
        source="tests",
        subject=subject,
        time=utc_now(),
        partitionkey=partitionkey,
        data=encode_data({"é": [number, None, "\n"]}),
    )


@given(st.lists(st.sampled_from([f"{name}@shop.example" for name in "abcdefghij"])), st.integers(1, 64))
def test_events_of_one_subject_stay_together_in_their_order(subjects: list[str], partitions: int) -> None:
    events = [said_of(subject, number) for number, subject in enumerate(subjects)]
    split = split_frame(encode_frame(events), partitions)
    groups = {number: decode_frame(frame) for number, frame in split.items()}
    for number, group in groups.items():
        assert group == [event for event in events if number_of(event.subject, partitions) == number]
    assert sum(map(len, groups.values())) == len(events)


def test_the_partition_key_decides_before_the_subject() -> None:
    events = [said_of(f"{number}@shop.example", number, "the same") for number in range(50)]
    assert split_frame(encode_frame(events), 8) == {number_of("the same", 8): encode_frame(events)}


def test_subjects_are_spread_over_all_partitions() -> None:
    split = split_frame(encode_frame([said_of(f"{n}@shop.example", n) for n in range(500)]), 4)
    assert sorted(split) == [0, 1, 2, 3]
    assert all(80 < len(decode_frame(frame)) < 170 for frame in split.values())


def test_an_event_keeps_its_bytes() -> None:
    """Also attributes that we do not know, and spaces."""
    bodies = [b'{ "subject":"%d","vendorext": [1.50],  "data":{}}' % number for number in range(20)]
    split = split_frame(b"[" + b" , ".join(bodies) + b"]", 3)
    assert len(split) == 3
    assert sorted(body for frame in split.values() for body in _raw(frame)) == sorted(bodies)


def _raw(frame: bytes) -> Sequence[bytes]:
    return [bytes(event) for event in msgspec.json.decode(frame, type=list[msgspec.Raw])]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"no json", b"{}", b"[1]", b'[{"subject":5}]', b'[{"subject":"\xff"}]', b"[" * 100_000],
)
def test_what_is_no_frame_goes_whole_to_the_first_partition(body: bytes) -> None:
    assert split_frame(body, 5) == {0: body}


async def test_one_partition_is_the_broker_and_the_queues_as_they_are() -> None:
    broker = PostgresBroker("postgresql://nobody@127.0.0.1:1/none", ALL_QUEUES, max_bytes=1)
    assert partitioned(broker, topology.division(1)) is broker
    assert topology.all_queues(1) == ALL_QUEUES


def test_partitions_have_numbers_in_name_and_key_and_the_undivided_queue_stays() -> None:
    queues = topology.division(2).queues_of(CUSTOMER_QUEUE)
    assert [(queue.name, queue.topic.key) for queue in queues] == [
        ("customer_queue.0", "customer.0"),
        ("customer_queue.1", "customer.1"),
        ("customer_queue", "customer"),
    ]
    assert {queue.whole for queue in queues} == {CUSTOMER_QUEUE}
    assert topology.division(2).queues_of(ACCESS_QUEUE) == (ACCESS_QUEUE,)
    undivided = len(ALL_QUEUES) - len(PARTITIONED)
    assert len({queue.name for queue in topology.all_queues(64)}) == 65 * len(PARTITIONED) + undivided


def test_a_process_may_consume_some_of_the_partitions() -> None:
    settings = Settings(partitions=4, consumer_partitions="0,3")
    queues = topology.division(settings.partitions, settings.own_partitions()).own_of(RECEIPT_QUEUE)
    assert [queue.name for queue in queues] == ["receipt_queue.0", "receipt_queue.3", "receipt_queue"]


@pytest.mark.parametrize(
    ("partitions", "own"), [(0, None), (65, None), (1, "1"), (2, "1,2"), (2, "1,"), (2, "-1"), (2, "")]
)
def test_numbers_that_make_no_sense_are_refused(partitions: int, own: str | None) -> None:
    with pytest.raises(ValidationError, match=re.compile("partitions", re.IGNORECASE)):
        Settings(partitions=partitions, consumer_partitions=own)


async def _nothing(*_: object) -> tuple[()]:
    return ()


def test_former_partitions_are_known_by_their_names() -> None:
    rows = [Binding(Queue(name, Topic("x", name)), {}, _nothing) for name in ("orders", "orders.mv")]
    names = ["orders.10", "orders.mv.2", "orders.x", "people.1", "orders.mv", "orders.3"]
    found = [(binding.queue.name, binding.queue.topic.key) for binding in former_partitions(rows, names)]
    assert found == [("orders.10", "orders.10"), ("orders.3", "orders.3"), ("orders.mv.2", "orders.mv.2")]
