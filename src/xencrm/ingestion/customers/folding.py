"""A batch of words on customers, applied one after the other in memory. Pure.

What is left is written set-based: who is erased, whose e-mail moves, which values changed.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct
from msgspec.structs import replace

from xencrm.contracts.customers import CustomerErasureRequested, CustomerRecorded, CustomerRevised
from xencrm.ingestion.customers.addresses import Former, FormerHolders
from xencrm.ingestion.customers.model import (
    MOST_ATTRIBUTES,
    MOST_ATTRIBUTES_BYTES,
    CustomerValues,
    is_same,
    is_too_large,
    revised,
)
from xencrm.kernel.messaging.cause import Cause, cause_of
from xencrm.kernel.messaging.subscription import Received, Rejection

ERASED, NOT_FOUND, EMAIL_TAKEN, TOO_LARGE = "erased", "not_found", "email_taken", "too_large"
WAS_ERASED = "the customer was erased"
TOO_MANY_ATTRIBUTES = (
    f"over {MOST_ATTRIBUTES} attributes or {MOST_ATTRIBUTES_BYTES} bytes, with those there are"
)


class Person(Struct):
    """A customer in the course of a batch; `known` is what the database has, None for a new one."""

    customer_id: UUID | None
    values: CustomerValues
    known: CustomerValues | None = None
    cause: Cause = Cause()

    @property
    def has_moved(self) -> bool:
        return self.known is not None and self.known.email != self.values.email

    @property
    def has_changed(self) -> bool:
        return not is_same(self.values, self.known)


class Erasure(Struct, frozen=True):
    """Somebody to be erased; events accepted up to `at` are refused from then on."""

    customer_id: UUID
    email: str
    at: datetime
    cause: Cause


class Folding:
    """Applies words in their order; afterwards `changed`, `moved`, `erasures`, `former` and `rejections`."""

    def __init__(self, known: Iterable[tuple[UUID, CustomerValues]], former: FormerHolders) -> None:
        people = [Person(customer_id, values, values) for customer_id, values in known]
        self._by_id = {person.customer_id: person for person in people}
        self._by_email = {person.values.email: person for person in people}
        self._former_holders = former
        self.former: list[Former] = []
        self.erasures: list[Erasure] = []
        self.rejections: list[Rejection] = []

    def apply(self, received: Iterable[Received]) -> None:
        for item in received:
            body = item.body
            if isinstance(body, CustomerRecorded):
                self._record(item, body)
            elif isinstance(body, CustomerRevised):
                self._revise(item, body)
            elif isinstance(body, CustomerErasureRequested):
                self._erase(item, body)

    @property
    def changed(self) -> list[Person]:
        """New customers and those with new values, sorted by e-mail."""
        changed = (person for person in self._by_email.values() if person.has_changed)
        return sorted(changed, key=lambda person: person.values.email)

    @property
    def moved(self) -> dict[UUID, str]:
        """New e-mails by customer."""
        people = self._by_email.values()
        return {
            person.customer_id: person.values.email
            for person in people
            if person.customer_id and person.has_moved
        }

    def _record(self, item: Received, body: CustomerRecorded) -> None:
        former = self._former_holders.at(body.email, item.event.time)
        if former is None:
            person = self._by_email.get(body.email)
        elif former.customer_id is None or former.customer_id not in self._by_id:
            return self._reject(item, ERASED, WAS_ERASED)
        else:
            person = self._by_id[former.customer_id]
        person = person or Person(None, CustomerValues(body.email))
        if self._change(person, item, body):
            self._by_email[person.values.email] = person

    def _revise(self, item: Received, body: CustomerRevised) -> None:
        person = self._by_id.get(body.customer_id)
        if person is None:
            return self._reject(item, NOT_FOUND, f"there is no customer {body.customer_id}")
        if body.email is not UNSET and self._by_email.get(body.email, person) is not person:
            return self._reject(item, EMAIL_TAKEN, "another customer has this e-mail address")
        if not self._change(person, item, body):
            return
        if body.email is not UNSET and body.email != person.values.email:
            self._move(person, body.customer_id, body.email, item.event.time)

    def _change(self, person: Person, item: Received, body: CustomerRecorded | CustomerRevised) -> bool:
        values = revised(person.values, body)
        if body.attributes is not UNSET and is_too_large(values):
            self._reject(item, TOO_LARGE, TOO_MANY_ATTRIBUTES)
            return False
        person.values = values
        person.cause = cause_of(item.event)
        return True

    def _move(self, person: Person, customer_id: UUID, email: str, at: datetime) -> None:
        self._note_former(Former(person.values.email, at, customer_id))
        del self._by_email[person.values.email]
        person.values = replace(person.values, email=email)
        self._by_email[email] = person

    def _erase(self, item: Received, body: CustomerErasureRequested) -> None:
        person = self._by_id.pop(body.customer_id, None)
        if person is None:
            return self._reject(item, NOT_FOUND, f"there is no customer {body.customer_id}")
        del self._by_email[person.values.email]
        self._former_holders.add(Former(person.values.email, item.event.time, None))
        self.erasures.append(
            Erasure(body.customer_id, person.values.email, item.event.time, cause_of(item.event))
        )

    def _note_former(self, former: Former) -> None:
        self._former_holders.add(former)
        self.former.append(former)

    def _reject(self, item: Received, code: str, reason: str) -> None:
        self.rejections.append(Rejection(item.event.id, code, reason))
