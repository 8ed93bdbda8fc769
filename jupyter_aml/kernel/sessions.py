"""What the kept process of a ``--session`` knows already.

A session is like a kernel over there: what it holds is newer than the notebook's copy. So a
variable is sent into a session when the notebook has bound its name anew since the two last
agreed, and not otherwise. A session that ended and was made again knows nothing: its start time
tells.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jupyter_aml.client.client import Client
from jupyter_aml.model.errors import AmlError

_UNSET = object()


class Sessions:
    """One per kernel."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Callable[[], Any]]] = {}
        self._identity: dict[str, tuple[int, str]] = {}

    def known(self, client: Client, name: str) -> Mapping[str, Any]:
        """The notebook's objects, by name, that the session had from it (or gave it)."""
        known = self._known.get(name)
        if known and self._identity.get(name) != _identity(client, name):
            known.clear()
        return {each: hold() for each, hold in known.items()} if known else {}

    def agreed(
        self, client: Client, name: str, namespace: Mapping[str, Any], names: Iterable[str]
    ) -> None:
        """A cell has run there: as to `names`, the notebook is now as the session, or behind it."""
        names = list(names)
        if not names:
            return
        known = self._known.setdefault(name, {})
        if not known:
            identity = _identity(client, name)
            if identity is None:
                return  # it has ended with its cell
            self._identity[name] = identity
        known.update({each: _hold(namespace.get(each, _UNSET)) for each in names})


def _hold(value: Any) -> Callable[[], Any]:
    """A way to the value that does not keep it alive, where there is one."""
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value


def _identity(client: Client, name: str) -> tuple[int, str] | None:
    try:
        sessions = client.sessions.list().value
    except AmlError:
        return None
    return next(((s.pid, s.created_at) for s in sessions if s.name == name), None)
