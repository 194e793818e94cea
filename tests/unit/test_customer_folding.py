"""A batch of words on customers, applied in memory: who is who after corrections, moves and erasures."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from xencrm.contracts.customers import CustomerErasureRequested, CustomerRecorded, CustomerRevised
from xencrm.ingestion.customers.addresses import Former, FormerHolders, Nobody, Owners
from xencrm.ingestion.customers.folding import Folding
from xencrm.ingestion.customers.model import CustomerValues
from xencrm.kernel.messaging.envelope import Event
from xencrm.kernel.messaging.subscription import Received

START = datetime(2026, 1, 1, tzinfo=UTC)
ASHA = uuid4()


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def said(second: int, body: Any) -> Received:
    event = Event(id=uuid4(), type="", source="", subject="", time=at(second), data=msgspec.Raw(b""))
    return Received(event, body)


def recorded(email: str, name: str = "Asha") -> CustomerRecorded:
    return CustomerRecorded(name=name, email=email)


def folded(
    *words: Received, known: dict[UUID, CustomerValues] | None = None, former: tuple[Former, ...] = ()
) -> Folding:
    folding = Folding((known or {}).items(), FormerHolders(former))
    folding.apply(words)
    return folding


def known_asha(email: str = "a@x.example") -> dict[UUID, CustomerValues]:
    return {ASHA: CustomerValues(email, "Asha")}


def outcome(folding: Folding) -> dict[str, tuple[UUID | None, str]]:
    return {item.values.email: (item.customer_id, item.values.name) for item in folding.changed}


def test_a_record_that_says_nothing_new_changes_nothing() -> None:
    assert outcome(folded(said(1, recorded("a@x.example")), known=known_asha())) == {}


def test_an_address_moves_and_the_next_record_of_it_is_somebody_new() -> None:
    folding = folded(
        said(1, CustomerRevised(customer_id=ASHA, email="b@x.example")),
        said(2, recorded("a@x.example", "Bela")),
        known=known_asha(),
    )
    assert folding.moved == {ASHA: "b@x.example"}
    assert folding.former == [Former("a@x.example", at(1), ASHA)]
    assert outcome(folding) == {"a@x.example": (None, "Bela"), "b@x.example": (ASHA, "Asha")}


def test_a_record_accepted_before_the_move_is_about_who_had_the_address_then() -> None:
    folding = folded(
        said(5, CustomerRevised(customer_id=ASHA, email="b@x.example")),
        said(4, recorded("a@x.example", "Asha R")),
        known=known_asha(),
    )
    assert outcome(folding) == {"b@x.example": (ASHA, "Asha R")}


def test_two_customers_exchange_their_addresses_by_way_of_a_third() -> None:
    bela = uuid4()
    known = {ASHA: CustomerValues("a@x.example", "Asha"), bela: CustomerValues("b@x.example", "Bela")}
    folding = folded(
        said(1, CustomerRevised(customer_id=ASHA, email="c@x.example")),
        said(2, CustomerRevised(customer_id=bela, email="a@x.example")),
        said(3, CustomerRevised(customer_id=ASHA, email="b@x.example")),
        known=known,
    )
    assert folding.moved == {ASHA: "b@x.example", bela: "a@x.example"}
    assert folding.rejections == []


def test_a_taken_address_is_refused_and_the_rest_of_the_correction_with_it() -> None:
    bela = uuid4()
    folding = folded(
        said(1, CustomerRevised(customer_id=ASHA, email="b@x.example", name="Other")),
        known={**known_asha(), bela: CustomerValues("b@x.example", "Bela")},
    )
    assert [item.code for item in folding.rejections] == ["email_taken"]
    assert outcome(folding) == {}


def test_who_was_erased_comes_back_only_by_what_is_said_afterwards() -> None:
    folding = folded(
        said(1, recorded("a@x.example", "Earlier")),
        said(3, CustomerErasureRequested(ASHA)),
        said(2, recorded("a@x.example", "Late, of before")),
        said(4, recorded("a@x.example", "Asha again")),
        said(5, CustomerErasureRequested(ASHA)),
        known=known_asha(),
    )
    assert [item.customer_id for item in folding.erasures] == [ASHA]
    assert [item.code for item in folding.rejections] == ["erased", "not_found"]
    assert outcome(folding) == {"a@x.example": (None, "Asha again")}


def test_of_several_holders_the_one_of_the_moment_counts() -> None:
    bela, cara = uuid4(), uuid4()
    former = FormerHolders(
        [
            Former("a@x.example", at(20), bela),
            Former("a@x.example", at(10), ASHA),
            Former("z@x.example", at(9), None),
        ]
    )
    owners = Owners({"a@x.example": cara}, former, ids=frozenset({cara}), erased=frozenset({ASHA}))
    assert [owners.of("a@x.example", at(second)) for second in (10, 11, 21)] == [ASHA, bela, cara]
    assert owners.of("z@x.example", at(9)) is Nobody.ERASED
    assert owners.of("z@x.example", at(10)) is Nobody.UNKNOWN
    assert (owners.of(ASHA, at(99)), owners.of(bela, at(1)), owners.of(cara, at(1))) == (
        Nobody.ERASED,
        Nobody.UNKNOWN,
        cara,
    )
