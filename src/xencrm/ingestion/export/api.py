"""Everything that Ingestion knows of one customer."""

from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from xencrm.ingestion.access import audit
from xencrm.ingestion.export import service
from xencrm.ingestion.export.schemas import CustomerExport
from xencrm.ingestion.services import Provided
from xencrm.kernel.http.sheets import download


async def export_customer(customer_id: FromPath[UUID], services: Provided) -> Response[CustomerExport]:
    """All data of one customer: profile, earlier e-mail addresses, orders, and what has not been applied."""
    async with services.database.transaction() as tx:
        exported = await service.export_customer(tx, customer_id)
        await audit.note(tx, "customer.exported", "customer", customer_id)
    return Response(exported, headers=download(f"customer-{customer_id}.json"))
