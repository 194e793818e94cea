"""What Campaigns' handlers and roles work with; built once in `__main__`. Imports no feature."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from litestar.di import NamedDependency
from sqlalchemy import ColumnElement

from xencrm.kernel.database import Database
from xencrm.kernel.http.streams import Hub
from xencrm.kernel.messaging.broker import Broker, Queue
from xencrm.kernel.settings import Settings

ReadRule = Callable[[object, datetime], ColumnElement[bool]]
CheckTexts = Callable[[str, str | None, str | None], None]


@dataclass(frozen=True)
class Services:
    """What a lower feature needs of a higher one is given as a function.

    `read_rule`: JSON of a rule and the present -> the condition that holds for the profiles it matches.
    `check_texts`: message_template, subject and html_template -> InvalidInput when one cannot be used.
    `vendors`: the configured ones, which a campaign may be sent with. `queues`: all of the product.
    `hub`: the streams of this process.
    """

    settings: Settings
    database: Database
    broker: Broker
    read_rule: ReadRule
    check_texts: CheckTexts
    queues: tuple[Queue, ...]
    vendors: tuple[str, ...]
    hub: Hub


Provided = NamedDependency[Services]
