"""The last look before a call: which of the claimed messages may be handed over, and which never will be."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from xencrm.campaigns.consent.model import binding
from xencrm.campaigns.delivery.store import RunningCampaign
from xencrm.kernel.database import Tx

# By customer, and by the hash of the address that the message would go to. What is asked of each row is a
# value rather than EXISTS, so that it is looked up by index.
_SUPPRESSED = """
    ((SELECT true FROM suppressions
      WHERE suppressions.customer_id = message.customer_id
        AND suppressions.reason = ANY(CAST(:of_customer AS text[])) LIMIT 1) IS NOT NULL
     OR message.message_id = ANY(ARRAY(
        SELECT asked.message_id
        FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bytea[])) AS asked (message_id, email_hash)
        WHERE (SELECT true FROM suppressions
               WHERE suppressions.email_hash = asked.email_hash
                 AND suppressions.reason = ANY(CAST(:of_address AS text[])) LIMIT 1) IS NOT NULL)))
"""
# A message has its campaign's lease. It is looked up by its id: no other condition fits an index, so that the
# planner cannot come to read all that a campaign has on its way, as it does while it thinks that is nothing.
_MAY_BE_SENT = f"""
    SELECT message.message_id, message.doubt_since IS NOT NULL AS in_doubt, {_SUPPRESSED} AS suppressed
    FROM communication_log AS message
    CROSS JOIN (SELECT template_version FROM campaigns
                WHERE campaign_id = :campaign_id AND status = 'RUNNING') AS campaign
    WHERE message.message_id = ANY(CAST(:ids AS uuid[])) AND message.campaign_month = :month
      AND message.state = 'SENDING' AND message.lease = :lease
      AND message.lease_until - make_interval(secs => :needed_s) > now()
      AND NOT EXISTS (SELECT FROM tombstones WHERE tombstones.customer_id = message.customer_id)
      AND (message.template_version = campaign.template_version OR message.doubt_since IS NOT NULL)
"""
_CONFIRM = text(_MAY_BE_SENT)
_START = text(f"""
    WITH looked_at AS ({_MAY_BE_SENT} ORDER BY message.message_id FOR NO KEY UPDATE OF message),
    started AS (
        UPDATE communication_log SET started = true
        WHERE message_id = ANY(ARRAY(SELECT message_id FROM looked_at WHERE NOT suppressed))
          AND campaign_month = :month
        RETURNING message_id
    )
    SELECT message_id, in_doubt, suppressed FROM looked_at
    WHERE suppressed OR message_id = ANY(ARRAY(SELECT message_id FROM started))
""")


class Clearance(Struct, frozen=True):
    """Message ids: those that may be handed over now, and those whose recipient must not be written to.

    A suppressed message `in_doubt` may have been taken by an earlier call.
    """

    ready: frozenset[UUID]
    suppressed: frozenset[UUID]
    in_doubt: frozenset[UUID]

    def among(self, ids: Iterable[UUID]) -> "Clearance":
        asked = frozenset(ids)
        return Clearance(self.ready & asked, self.suppressed & asked, self.in_doubt & asked)


NOBODY: Final = Clearance(frozenset(), frozenset(), frozenset())


async def find_confirmed(
    tx: Tx, campaign: RunningCampaign, hashes: Mapping[UUID, bytes], *, lease: UUID, needed_s: float
) -> Clearance:
    """Of those that are still leased for long enough and whose campaign still runs, with the same texts;
    nobody who was erased meanwhile. `hashes`: of each message's address."""
    return _clearance(await tx.execute(_CONFIRM, _given(campaign, hashes, lease, needed_s)))


async def start_messages(
    tx: Tx, campaign: RunningCampaign, hashes: Mapping[UUID, bytes], *, lease: UUID, needed_s: float
) -> Clearance:
    """The same; those that are ready are marked: once this is committed, each counts as handed over until an
    answer says otherwise."""
    return _clearance(await tx.execute(_START, _given(campaign, hashes, lease, needed_s)))


def _given(
    campaign: RunningCampaign, hashes: Mapping[UUID, bytes], lease: UUID, needed_s: float
) -> dict[str, Any]:
    reasons = binding(campaign.campaign_type)
    return {
        "ids": list(hashes),
        "hashes": list(hashes.values()),
        "campaign_id": campaign.campaign_id,
        "month": campaign.campaign_month,
        "lease": lease,
        "needed_s": needed_s,
        "of_customer": list(reasons.of_customer),
        "of_address": list(reasons.of_address),
    }


def _clearance(rows: Any) -> Clearance:
    found = list(rows)
    return Clearance(
        frozenset(row.message_id for row in found if not row.suppressed),
        frozenset(row.message_id for row in found if row.suppressed),
        frozenset(row.message_id for row in found if row.suppressed and row.in_doubt),
    )
