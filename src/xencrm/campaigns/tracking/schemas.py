"""Opens and clicks over HTTP."""

from msgspec import Struct

from xencrm.kernel.http.shapes import Time


class LinkClicks(Struct):
    """`url` as the template has it, variables and all; `clicks`: how many messages' links were clicked."""

    url: str
    clicks: int


class ShownOpens(Struct):
    """How often a message was opened, first and last when."""

    count: int
    first_at: Time
    last_at: Time


class ShownClicks(Struct):
    """How often a link of a message was clicked, first and last when."""

    url: str
    count: int
    first_at: Time
    last_at: Time
