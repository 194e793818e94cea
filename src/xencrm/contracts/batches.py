"""Batches of rows on the wire."""

from typing import Final
from uuid import UUID

from msgspec import Struct

BATCH_RECEIVED: Final = "batch.received.v1"


class BatchReceived(Struct, frozen=True):
    """A batch of so many rows was taken; `rejected` are the rows (from 0) that were not. Its rows follow."""

    batch_id: UUID
    rows: int
    rejected: list[int]
