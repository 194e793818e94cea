"""A tool: its name, what it takes and answers, and what it may change."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from xencrm.mcp_server.desk import Desk

A = TypeVar("A", bound=Struct)
R = TypeVar("R", bound=Struct)


class Arguments(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a tool takes."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[R]):
    """For people, and the same for programs."""

    text: str
    data: R


class Mistaken(Exception):
    """What was asked for cannot be done; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class Tool(Generic[A, R]):
    """`hint` is said with a refusal. `reads`: changes nothing; `destroys`: what it does cannot be undone;
    `repeatable`: twice has one effect; `reaches_out`: customers may get messages by it; `anyway`: Ingestion
    does it by itself, also while Campaigns is away. `beforehand`: what a client with a key has to know and do
    before; a person approves a card instead."""

    name: str
    title: str
    description: str
    takes: type[A]
    answers: type[R]
    run: Callable[[Desk, A], Awaitable[Reply[R]]]
    hint: str = ""
    reads: bool = False
    destroys: bool = False
    repeatable: bool = False
    reaches_out: bool = False
    anyway: bool = False
    beforehand: str = ""

    def read(self, given: Mapping[str, Any]) -> A:
        """Raises Mistaken that names what is wrong."""
        try:
            return msgspec.convert(given, self.takes)
        except msgspec.ValidationError as error:
            wrong = str(error).replace("`$.", "`").replace("Object ", "the arguments ")
            raise Mistaken(f"Wrong arguments: {wrong}. {self.name} takes {self._signature()}.") from error

    def _signature(self) -> str:
        fields = msgspec.structs.fields(self.takes)
        named = (f"{field.name}{'' if field.required else ' (optional)'}" for field in fields)
        return ", ".join(named) or "no arguments"


def schema_of(kind: type[Struct]) -> dict[str, Any]:
    """JSON Schema (2020-12) with an object at its root."""
    (shown,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    root = dict(parts.pop(shown["$ref"].rpartition("/")[2]))
    root.pop("title", None)
    return {**root, "$defs": parts} if parts else root
