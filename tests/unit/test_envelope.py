"""Events on the wire are CloudEvents."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from xencrm.kernel.messaging.envelope import Event, FrameError, decode_frame, encode_data, encode_frame


def test_an_event_has_every_attribute_that_cloudevents_requires() -> None:
    event = Event(
        id=uuid4(),
        type="thing.happened.v1",
        source="here",
        subject="it",
        time=datetime(2026, 1, 2, tzinfo=UTC),
        data=encode_data({"a": 1}),
    )
    frame = encode_frame([event])
    assert json.loads(frame) == [
        {
            "specversion": "1.0",
            "id": str(event.id),
            "type": "thing.happened.v1",
            "source": "here",
            "subject": "it",
            "time": "2026-01-02T00:00:00Z",
            "data": {"a": 1},
        }
    ]
    assert decode_frame(frame) == [event]


def test_another_version_of_cloudevents_is_not_read_as_this_one() -> None:
    with pytest.raises(FrameError, match="specversion"):
        decode_frame(b'[{"specversion": "2.0", "id": "x"}]')
