"""What a pre-flight showed, signed, so that a launch can be held to it."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from xencrm.campaigns.planning.model import Campaign, PlanRefused
from xencrm.kernel.secrets import derived_secret

VALID: Final = timedelta(minutes=15)
MOST_GROWTH_PERCENT: Final = 1
RESUME_OR_CANCEL: Final = "Nothing is sent yet. Resume it to write to all of them, or cancel it."
ANEW: Final = "Look at the pre-flight again."


class Fingerprint(Struct, frozen=True, array_like=True):
    """Hashes of what decides who gets what: the rule, the texts, and the rest of the campaign."""

    rule: str
    texts: str
    terms: str

    def __str__(self) -> str:
        return f"{self.rule}.{self.texts}.{self.terms}"


class PlanToken(Struct, frozen=True, array_like=True):
    """What a pre-flight showed. `audience`: how many, those held out aside."""

    campaign_id: UUID
    fingerprint: Fingerprint
    audience: int
    expires_at: datetime


def fingerprint_of(campaign: Campaign, rules: str) -> Fingerprint:
    plan, texts = campaign.plan, campaign.texts
    return Fingerprint(
        _hash(plan.segment_id, rules),
        _hash(campaign.template_version, texts.message_template, texts.subject, texts.html_template),
        _hash(plan.vendor, plan.campaign_type, plan.holdout_percent, plan.track),
    )


def check_fingerprint(approved: str, present: Fingerprint) -> None:
    """Whether nothing has changed since; `approved` is a Fingerprint as text. Raises PlanRefused."""
    names = ("the segment or its rule", "the texts", "the vendor, type, hold-out or tracking")
    pairs = zip(approved.split("."), str(present).split("."), names, strict=True)
    changed = [name for was, now, name in pairs if was != now]
    if changed:
        raise PlanRefused(f"Since the pre-flight {' and '.join(changed)} changed. {ANEW}")


def check_audience(planned: int, present: int) -> None:
    """At most as many as planned and MOST_GROWTH_PERCENT more. Raises PlanRefused."""
    if _outgrew(planned, present):
        raise PlanRefused(
            f"The pre-flight was for {planned:,} customers, now it would be {present:,}. {ANEW}"
        )


def check_written(planned: int, present: int) -> None:
    """The same of an audience that was written down after the launch. Raises PlanRefused."""
    if _outgrew(planned, present):
        raise PlanRefused(
            f"The pre-flight was for {planned:,} customers, and meanwhile {present:,} are in the audience. "
            + RESUME_OR_CANCEL
        )


def _outgrew(planned: int, present: int) -> bool:
    return present * 100 > planned * (100 + MOST_GROWTH_PERCENT)


class PlanTokens:
    """Signs plan tokens and reads those that were signed by this installation."""

    def __init__(self, secret: str) -> None:
        self._key = derived_secret(secret, "plan-token").encode()

    def sign(self, token: PlanToken) -> str:
        payload = msgspec.json.encode(token)
        return f"{_text(payload)}.{_text(self._mac(payload))}"

    def read(self, text: str, campaign_id: UUID, now: datetime) -> PlanToken:
        """Raises PlanRefused for what was not signed here, for another campaign's, and for an old one."""
        token = self._verified(text)
        if token is None:
            raise PlanRefused("The plan token is none that a pre-flight here gave.")
        if token.campaign_id != campaign_id:
            raise PlanRefused("The plan token is that of another campaign.")
        if token.expires_at <= now:
            raise PlanRefused(f"The plan token is older than {VALID.seconds // 60} minutes. {ANEW}")
        return token

    def _verified(self, text: str) -> PlanToken | None:
        try:
            payload, mac = (_bytes(part) for part in text.encode().split(b"."))
        except ValueError:
            return None
        if not hmac.compare_digest(mac, self._mac(payload)):
            return None
        return msgspec.json.decode(payload, type=PlanToken)

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")


def _hash(*parts: object) -> str:
    encoded = msgspec.json.encode([None if part is None else str(part) for part in parts])
    return hashlib.blake2s(encoded, digest_size=16).hexdigest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
