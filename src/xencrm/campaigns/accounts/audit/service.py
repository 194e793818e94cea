"""The log of who did what: noted in the transaction of the deed, so that neither is without the other."""

from typing import Final
from uuid import UUID

from xencrm.campaigns.accounts.audit import store
from xencrm.campaigns.accounts.audit.store import Deed
from xencrm.kernel.database import Tx
from xencrm.kernel.http.asking import asking
from xencrm.kernel.http.principals import Kind

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
    """Somebody has signed in."""
    await note_entering(tx, person_id, name, "session.began", by=way)


async def note_entering(tx: Tx, person_id: UUID, name: str, action: str, **detail: object) -> None:
    """What changes of somebody as they sign in, who was nobody when they asked."""
    subject_id = str(person_id)
    deed = Deed(subject_id, name, Kind.PERSON.value, action, "person", subject_id, detail)
    await store.insert_deed(tx, deed)
