"""Whether who asks is still an admin: who they are was looked up before, and others may have changed them."""

from uuid import UUID

from xencrm.campaigns.accounts.people import store
from xencrm.kernel.database import Tx
from xencrm.kernel.errors import Forbidden
from xencrm.kernel.http.asking import asking
from xencrm.kernel.http.principals import Kind, Role


async def check_still_admin(tx: Tx) -> None:
    """Of a person; keys are revoked in a moment of their own. Nobody is changed until the transaction ends.

    Raises Forbidden.
    """
    await store.lock_people(tx)
    present = asking()
    if present is None or present.principal.kind is not Kind.PERSON:
        return
    person = await store.find_person(tx, UUID(present.principal.principal_id))
    if person is None or person.removed_at is not None or person.role is not Role.ADMIN:
        raise Forbidden("This takes an admin, which you are not any more.")
