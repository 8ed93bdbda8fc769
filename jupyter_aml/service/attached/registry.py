"""Which kinds of attached compute there are: ours, and those of the entry-point group."""

from __future__ import annotations

from importlib import metadata
from typing import Any, cast

import msgspec

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.attached.protocol import GROUP, AttachedKind
from jupyter_aml.service.attached.ssh.kind import Ssh

_OURS: dict[str, type[AttachedKind]] = {"ssh": Ssh}
"""Also in pyproject.toml, for whoever lists the group; here so that no look at the disk is due."""


def make(kind: str, config: dict[str, Any]) -> AttachedKind:
    """A machine of that kind. Raises `Invalid` naming the kinds, or the wrong part of `config`."""
    found = _OURS.get(kind) or _of_others(kind)
    try:
        told = msgspec.convert(config, found.Config)
    except msgspec.ValidationError as error:
        raise Invalid(
            f"The {kind} machine is not described well: {error}.", target="config"
        ) from error
    return found(told)


def _of_others(kind: str) -> type[AttachedKind]:
    points = {point.name: point for point in metadata.entry_points(group=GROUP)}
    if kind not in points:
        known = ", ".join(sorted({*_OURS, *points}))
        raise Invalid(
            f"There is no kind of attached compute {kind!r}.",
            target="kind",
            hint=f"There are: {known}.",
        )
    return cast("type[AttachedKind]", points[kind].load())
