"""All nouns of the compatible API in one table. A new noun is one line in `NOUNS`."""

from __future__ import annotations

from types import ModuleType

from jupyter_aml.service.arm.lro import Check
from jupyter_aml.service.arm.nouns import workspaces
from jupyter_aml.service.arm.route import Route, Table

NOUNS: tuple[ModuleType, ...] = (workspaces,)
"""Each has ``ROUTES``; one with operations that take a while also ``OPERATIONS``."""


def all_routes() -> tuple[Route, ...]:
    """Every route, in the order of the nouns; the compatibility page is made of this."""
    return tuple(route for noun in NOUNS for route in noun.ROUTES)


def make_table() -> Table:
    return Table(all_routes())


def checks() -> dict[str, Check]:
    """Who knows how an operation of a kind goes on."""
    return {
        kind: check for noun in NOUNS for kind, check in getattr(noun, "OPERATIONS", {}).items()
    }
