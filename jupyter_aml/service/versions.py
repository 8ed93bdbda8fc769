"""Versions of what has a name: which one is meant, what the next one is called, what is refused.

Data, models, environments and components are kept so, each by a catalogue of its own. Versions
of one name are given oldest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.references import LATEST

_SHOWN = 20


class Versioned(Protocol):
    @property
    def version(self) -> str: ...
    @property
    def archived(self) -> bool: ...


V = TypeVar("V", bound=Versioned)


def chosen(known: Sequence[V], version: str, what: str) -> V:
    """The one that is meant; the newest that is not archived where `version` says nothing.

    `known` is not empty. Raises `NotFound`, whose words begin with `what`: "The model digits".
    """
    if version in ("", LATEST):
        return next((one for one in reversed(known) if not one.archived), known[-1])
    for one in known:
        if one.version == version:
            return one
    raise NotFound(
        f"{what} has no version {version!r}.",
        target="version",
        hint=f"It has: {', '.join(one.version for one in known[-_SHOWN:])}.",
    )


def next_version(versions: Iterable[str]) -> str:
    """The number after the greatest: of what is made without a version."""
    numbers = [int(version) for version in versions if version.isdecimal()]
    return str(max(numbers, default=0) + 1)


def check_version(version: str, most: int = 30) -> None:
    """Raises `Invalid` for what cannot be one; nothing, which asks for the next, is taken."""
    pattern = rf"[A-Za-z0-9][A-Za-z0-9._\-]{{0,{most - 1}}}"
    if version and (not re.fullmatch(pattern, version) or version == LATEST):
        raise Invalid(
            f"{version!r} cannot be a version.",
            target="version",
            hint=f"1 to {most} letters, digits, ., - and _; leave it out to get the next number.",
        )


def already(name: str, version: str) -> Conflict:
    """What is raised for a version that there is, with another content."""
    return Conflict(
        f"{name}:{version} exists already, with another content.",
        target="version",
        hint="Leave the version out to make the next one.",
    )


def put(known: list[V], one: V) -> None:
    """`one` in the place of what was its version, or as the newest."""
    place = next((i for i, there in enumerate(known) if there.version == one.version), len(known))
    known[place : place + 1] = [one]
