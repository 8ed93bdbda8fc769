"""Whether a workspace that was named exists: asked of the service where one runs.

For verbs about the service itself (`service`, `doctor`), which must start none only to check a
name. `client.check_workspace` is for all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jupyter_aml.model.errors import NotFound, ServiceNotRunning
from jupyter_aml.model.names import LOCAL

NEED_NO_SERVICE = frozenset({"service", "doctor"})
"""Nouns whose verbs do not ask the workspace anything."""


def unknown(name: str, known: Sequence[str]) -> NotFound:
    return NotFound(
        f"There is no workspace {name!r}.",
        target="--workspace",
        hint=f"There is {', '.join(known)}. List them: %aml workspace list",
    )


def refuse_unknown(name: str, *, home: Path | None = None) -> None:
    """Raise `NotFound` or `Conflict` unless `name` is the current workspace.

    Without a service that is the local one, which every service has.
    """
    from jupyter_aml.client.client import connect

    try:
        connect(name, start=False, home=home).close()
    except ServiceNotRunning:
        if name != LOCAL:
            raise unknown(name, [LOCAL]) from None
