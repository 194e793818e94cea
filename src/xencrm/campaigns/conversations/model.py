"""What the assistant keeps of its conversation with somebody."""

from datetime import timedelta
from typing import Final

from msgspec import Struct

from xencrm.kernel.errors import Conflict

KEPT: Final = timedelta(days=30)


class Conversation(Struct, frozen=True):
    """`version` counts how often it was kept; `content` is the assistant's own."""

    version: int
    content: str


class Overtaken(Conflict):
    """It is not as it was when it was read: kept by another meanwhile, dropped, or gone with a customer."""
