"""`/sample-data`: a made-up shop."""

from msgspec import Struct

from xencrm.client.transport import Call, Transport

PATH = "/api/v1/sample-data"


class SampleBatch(Struct):
    """`kind` is customers or orders; `client.batches.get` says how far it is."""

    batch_id: str
    kind: str
    rows: int


class SampleQueued(Struct):
    """The batches in the order in which they are applied."""

    batches: list[SampleBatch]


async def add_sample_data(transport: Transport) -> SampleQueued:
    return await transport.ask(Call("POST", PATH, repeatable=True), SampleQueued)
