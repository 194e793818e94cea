"""The API document says what the routes do."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from litestar.params import JSONBody

from xencrm.campaigns.app import ROUTES as CAMPAIGNS
from xencrm.ingestion.app import ROUTES as INGESTION
from xencrm.kernel.http.openapi import document
from xencrm.kernel.http.routes import API, JSON, Route, answers_of, bodies_of, rows_of
from xencrm.kernel.http.sheets import CSV
from xencrm.kernel.http.streams import EVENT_STREAM
from xencrm.local.front import service_of
from xencrm.local.openapi import merged

ROUTES = (*INGESTION, *CAMPAIGNS)
DOCUMENTS = [
    document("a service", "1", [replace(route, path=API + route.path) for route in routes])
    for routes in (INGESTION, CAMPAIGNS)
]
OPERATIONS = [
    pytest.param(operation, whole, id=f"{method} {path}")
    for whole in DOCUMENTS
    for path, operations in whole["paths"].items()
    for method, operation in operations.items()
]
PROBLEM = "application/problem+json"


def test_every_route_is_described() -> None:
    described = {case.id for case in OPERATIONS}
    assert described == {
        f"{route.method.lower()} {API}{re.sub(':[a-z]+}', '}', route.path)}" for route in ROUTES
    }


@pytest.mark.parametrize(("operation", "whole"), OPERATIONS)
def test_every_operation_says_what_it_takes_and_answers(
    operation: dict[str, Any], whole: dict[str, Any]
) -> None:
    assert operation["description"]
    statuses = {int(status) for status in operation["responses"]}
    assert any(status < 300 for status in statuses)
    assert 503 in statuses
    if operation.get("security") != [{}]:
        assert statuses >= {401, 403, 429}
    if "requestBody" in operation:
        assert statuses >= {400, 413, 415}
    for answer in operation["responses"].values():
        shown = resolve(answer, whole)
        assert shown["description"]
        for media, content in shown.get("content", {}).items():
            assert media in (JSON, PROBLEM, EVENT_STREAM, CSV)
            assert_fits(content["example"], content["schema"], whole)


def test_what_is_to_be_tried_again_says_when() -> None:
    for whole in DOCUMENTS:
        for status in ("429", "503"):
            assert whole["components"]["responses"][status]["headers"]["Retry-After"]["required"]


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if bodies_of(route)], ids=lambda r: f"{r.method} {r.path}"
)
def test_the_example_of_a_body_can_be_sent(route: Route) -> None:
    kind = bodies_of(route)[JSON]
    whole = next(w for w in DOCUMENTS if API + re.sub(":[a-z]+}", "}", route.path) in w["paths"])
    operation = whole["paths"][API + re.sub(":[a-z]+}", "}", route.path)][route.method.lower()]
    content = operation["requestBody"]["content"][JSON]
    assert_fits(content["example"], content["schema"], whole)
    assert msgspec.convert(content["example"], kind, strict=False) is not None


def resolve(node: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    target: Any = node
    if "$ref" in node:
        target = whole
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
    return dict(target)


def assert_fits(example: Any, schema: dict[str, Any], whole: dict[str, Any]) -> None:
    jsonschema_rs.validator_for(
        {**schema, "components": whole["components"]}, validate_formats=True
    ).validate(example)


def undescribed(kind: Any, path: str, seen: set[Any]) -> Iterator[str]:
    """Times and amounts below a type of which the document would say only that they are texts."""
    match kind:
        case msgspec.inspect.Metadata():
            if "x-schema" not in (kind.extra_json_schema or {}):
                yield from undescribed(kind.type, path, seen)
        case msgspec.inspect.DateTimeType() | msgspec.inspect.DecimalType():
            yield path
        case msgspec.inspect.StructType() if kind.cls not in seen:
            seen.add(kind.cls)
            for field in kind.fields:
                yield from undescribed(field.type, f"{kind.cls.__name__}.{field.name}", seen)
        case msgspec.inspect.UnionType():
            for each in kind.types:
                yield from undescribed(each, path, seen)
        case msgspec.inspect.ListType():
            yield from undescribed(kind.item_type, path, seen)
        case msgspec.inspect.DictType():
            yield from undescribed(kind.value_type, path, seen)


def test_times_and_amounts_have_a_schema_of_their_own() -> None:
    """Fields of bodies are of the types of kernel/http/shapes.py."""
    kinds = [k for route in ROUTES for k in (*bodies_of(route).values(), *answers_of(route).values())]
    seen: set[Any] = set()
    assert [path for kind in kinds for path in undescribed(msgspec.inspect.type_info(kind), "", seen)] == []


def test_the_document_of_both_services_has_every_route_and_all_it_refers_to() -> None:
    whole = merged(dict(zip(("ingestion", "campaigns"), DOCUMENTS, strict=True)), service_of)
    operations = [operation for each in whole["paths"].values() for operation in each.values()]
    assert len(operations) == len(ROUTES)
    assert len({operation["operationId"] for operation in operations}) == len(ROUTES)
    for reference in re.findall(r'"(#/[^"]+)"', msgspec.json.encode(whole).decode()):
        assert resolve({"$ref": reference}, whole)


def test_a_route_that_reads_its_body_itself_is_described_like_others() -> None:
    async def take(request: Any) -> None:
        """Take rows."""

    class Row(msgspec.Struct, forbid_unknown_fields=True):
        name: str

    route = Route("POST", "/api/v1/rows", take, frozenset(), 204, body=rows_of(Row, 3), problems=(409,))
    operation = document("t", "1", [route])["paths"]["/api/v1/rows"]["post"]
    assert set(operation["requestBody"]["content"]) == {JSON, "application/x-ndjson"}
    assert operation["requestBody"]["content"][JSON]["schema"]["maxItems"] == 3
    assert set(operation["responses"]) == {"204", "400", "401", "403", "409", "413", "415", "429", "503"}


def test_a_body_that_has_a_default_is_not_required() -> None:
    class Wish(msgspec.Struct, forbid_unknown_fields=True):
        name: str = ""

    nothing = Wish()

    async def take(data: JSONBody[Wish]) -> None:
        """Take a wish."""

    async def may_take(data: JSONBody[Wish] = nothing) -> None:
        """Take a wish if there is one."""

    for handler, required in ((take, True), (may_take, False)):
        route = Route("POST", "/api/v1/wishes", handler, frozenset(), 204)
        operation = document("t", "1", [route])["paths"]["/api/v1/wishes"]["post"]
        assert operation["requestBody"]["required"] is required
