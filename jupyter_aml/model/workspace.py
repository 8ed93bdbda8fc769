"""A workspace: what you connect to. Everything else has a name that is unique in it."""

from __future__ import annotations

import msgspec


class Workspace(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One workspace and what its backend can do."""

    name: str
    kind: str
    """"local" or "azure"."""
    location: str = ""
    description: str = ""
    user: str = ""
    facets: list[str] = []
    """The facets its backend has; the UI hides the sections of those it lacks."""


class WorkspaceList(msgspec.Struct, rename="camel", frozen=True):
    value: list[Workspace]
    current: str


class ServiceStatus(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What `jupyter aml service status` prints; scripts rely on its fields."""

    state: str
    pid: int | None = None
    url: str = ""
    version: str = ""
    home: str = ""
    started_at: str | None = None
    running: dict[str, int] = {}
    warnings: list[str] = []
    """What a person should hear: a damaged database was kept aside, a disk is full, ..."""
