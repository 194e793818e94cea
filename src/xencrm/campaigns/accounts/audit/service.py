"""The log of who did what: noted in the transaction of the deed, so that neither is without the other."""

from typing import Final
from uuid import UUID

from xencrm.campaigns.accounts.audit import store
from xencrm.campaigns.accounts.audit.store import Deed
from xencrm.kernel.database import Tx
from xencrm.kernel.http.asking import asking

SYSTEM: Final = "system"


async def note(tx: Tx, action: str, subject_kind: str, subject_id: UUID | str, **detail: object) -> None:
    """`action` as `campaign.launched`; `detail` has nothing of customers in it but ids.

    Who did it is whoever asks at the moment; outside of a request it is the product itself, by the clock or a
    command.
    """
    present = asking()
    deed = Deed(
        actor_id=present.principal.principal_id if present else "",
        actor_name=present.principal.name if present else SYSTEM,
        actor_kind=present.principal.kind.value if present else SYSTEM,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        detail=detail,
    )
    await store.insert_deed(tx, deed)


async def note_entry(tx: Tx, person_id: UUID, name: str, way: str) -> None:
    """Somebody has signed in, who was nobody when they asked."""
    deed = Deed(str(person_id), name, "person", "session.began", "person", str(person_id), {"by": way})
    await store.insert_deed(tx, deed)
