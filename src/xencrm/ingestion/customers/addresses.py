"""Whom an e-mail address belonged to at a moment. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from uuid import UUID

from msgspec import Struct


class Nobody(Enum):
    """Why there is no customer."""

    UNKNOWN = "unknown"
    ERASED = "erased"


class Former(Struct, frozen=True):
    """Who had an address until a moment (inclusive); None: somebody who was erased."""

    email: str
    until: datetime
    customer_id: UUID | None


class FormerHolders:
    """The holders of addresses before the present ones."""

    def __init__(self, former: Iterable[Former] = ()) -> None:
        self._by_email: dict[str, list[Former]] = {}
        for item in former:
            self.add(item)

    def add(self, item: Former) -> None:
        self._by_email.setdefault(item.email, []).append(item)

    def at(self, email: str, moment: datetime) -> Former | None:
        """The first one that had the address until `moment` or later."""
        later = [item for item in self._by_email.get(email, ()) if item.until >= moment]
        return min(later, key=lambda item: item.until) if later else None


class Owners:
    """Customers by e-mail and by id, as orders name them."""

    def __init__(
        self,
        present: Mapping[str, UUID],
        former: FormerHolders,
        *,
        ids: frozenset[UUID],
        erased: frozenset[UUID] = frozenset(),
    ) -> None:
        self._present = present
        self._ids = ids
        self._former = former
        self._erased = erased

    @property
    def ids(self) -> frozenset[UUID]:
        """The customers who are there now."""
        return self._ids

    def of(self, key: str | UUID, moment: datetime) -> UUID | Nobody:
        """Whom an order accepted at `moment` belongs to."""
        if isinstance(key, UUID):
            return key if key in self._ids else self._missing(key)
        former = self._former.at(key, moment)
        if former is not None:
            return Nobody.ERASED if former.customer_id is None else former.customer_id
        return self._present.get(key, Nobody.UNKNOWN)

    def _missing(self, customer_id: UUID) -> Nobody:
        return Nobody.ERASED if customer_id in self._erased else Nobody.UNKNOWN
