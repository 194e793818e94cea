"""The product's modules, found rather than listed."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


def modules_of(package: str) -> Iterator[ModuleType]:
    """A package and all below it but its migrations, which work when they are imported."""
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(getattr(root, "__path__", ()), f"{package}."):
        if ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def values_of(package: str, kind: type[T]) -> Iterator[tuple[str, T]]:
    """The values of a kind that a package's modules define, by their full names."""
    for module in modules_of(package):
        names: dict[str, Any] = vars(module)
        yield from (
            (f"{module.__name__}.{name}", value) for name, value in names.items() if isinstance(value, kind)
        )
