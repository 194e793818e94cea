"""Whose receipts are believed, and what is read out of them."""

import hashlib
import hmac
from uuid import UUID

import msgspec
import pytest

from xencrm.campaigns.vendors.signed_receipts import SignedReceipts
from xencrm.campaigns.vendors.signing import Unverified, signed, verify
from xencrm.contracts.receipts import Outcome
from xencrm.kernel.errors import InvalidInput

NOW = 1_800_000_000
BODY = b'{"receipts": []}'
MESSAGE = UUID("0190a8f0-0000-7000-8000-000000000001")


def headers(timestamp: str = str(NOW), secret: str = "s", body: bytes = BODY) -> dict[str, str]:
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-XenCRM-Timestamp": timestamp, "X-XenCRM-Signature": digest}


@pytest.mark.parametrize("away", [-300, 0, 300])
def test_a_fresh_signature_is_believed(away: int) -> None:
    verify(headers(), BODY, "s", NOW + away)


def test_header_names_may_be_in_any_case() -> None:
    verify({name.lower(): value for name, value in headers().items()}, BODY, "s", NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        headers(secret="other"),
        headers(body=b"other"),
        headers("soon"),
        headers("-1"),
        headers("٣"),
        headers() | {"X-XenCRM-Timestamp": str(NOW + 1)},
        headers() | {"X-XenCRM-Signature": "ä"},
        headers() | {"X-XenCRM-Signature": ""},
        headers(str(NOW - 301)),
        headers(str(NOW + 301)),
    ],
)
def test_anything_else_is_not_believed(wrong: dict[str, str]) -> None:
    with pytest.raises(Unverified):
        verify(wrong, BODY, "s", NOW)


def receipt(key: str, status: str = "delivered", reason: str | None = None) -> dict[str, str | None]:
    return {
        "receipt_id": "r",
        "idempotency_key": key,
        "status": status,
        "reason": reason,
        "occurred_at": "2026-11-01T00:00:00Z",
    }


def test_receipts_are_read_in_order_and_foreign_keys_left_out() -> None:
    body = msgspec.json.encode(
        {
            "receipts": [
                receipt(f"{MESSAGE}:1"),
                receipt("someone-else:1"),
                receipt(f"{MESSAGE}"),
                receipt(f"{MESSAGE}:0"),
                receipt(f"{MESSAGE}:99999999999999999999"),
                receipt(f"{MESSAGE}:2", "failed", "EMAIL_BOUNCED"),
            ]
        }
    )
    read = SignedReceipts("simulator", "s").read(signed(body, "s", NOW), body, NOW)
    assert [(own_id, word.message_id, word.attempt, word.outcome, word.reason) for own_id, word in read] == [
        ("r", MESSAGE, 1, Outcome.DELIVERED, ""),
        ("r", MESSAGE, 2, Outcome.FAILED, "EMAIL_BOUNCED"),
    ]


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{}", b'{"receipts": [{}]}', b'{"receipts": 1}'])
def test_what_is_no_list_of_receipts_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        SignedReceipts("simulator", "s").read(signed(body, "s", NOW), body, NOW)


@pytest.mark.parametrize("wrong", [{"reason": "asha@shop.example said no"}, {"status": "lost"}])
def test_a_receipt_that_says_what_nobody_asked_is_refused(wrong: dict[str, str]) -> None:
    body = msgspec.json.encode({"receipts": [{**receipt(f"{MESSAGE}:1", "failed"), **wrong}]})
    with pytest.raises(InvalidInput):
        SignedReceipts("simulator", "s").read(signed(body, "s", NOW), body, NOW)


def test_nothing_is_read_of_what_is_not_signed() -> None:
    with pytest.raises(Unverified):
        SignedReceipts("simulator", "s").read(signed(BODY, "t", NOW), BODY, NOW)
